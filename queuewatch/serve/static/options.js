// What the viewer chose: language, light or dark, sound, flash, kiosk. The address goes before what is remembered.

import { at, h, set } from "/static/dom.js";
import { LANGUAGES, language, negotiate, speak } from "/static/words.js";

const STORE = "queuewatch.options";
const NAMES = { en: "English", de: "Deutsch", nl: "Nederlands", fr: "Français", es: "Español" };
const FLASH_MS = 4000;

const query = new URLSearchParams(location.search);
const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
const chosen = {
  lang: query.get("lang") ?? kept.lang,
  theme: query.get("theme") ?? kept.theme ?? "auto",
  sound: query.has("sound") || Boolean(kept.sound),
  flash: query.has("flash") || Boolean(kept.flash),
};
let audio = null;

function keep(name, value) {
  chosen[name] = value;
  kept[name] = value;
  localStorage.setItem(STORE, JSON.stringify(kept));
}

function theme() {
  if (chosen.theme === "light" || chosen.theme === "dark") document.documentElement.dataset.theme = chosen.theme;
  else delete document.documentElement.dataset.theme;
}

// Two tones, not loud. A browser lets a page sound only once somebody has touched it, or in kiosk mode by its flags.
function chime() {
  audio ??= new AudioContext();
  for (const [delay, pitch] of [[0, 660], [0.22, 880]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const begin = audio.currentTime + delay;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, begin);
    volume.gain.exponentialRampToValueAtTime(0.25, begin + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.2);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.22);
  }
}

// A queue came into trouble.
export function alarm() {
  if (chosen.sound) chime();
  if (!chosen.flash) return;
  set(document.body, "flash", "yes");
  setTimeout(() => set(document.body, "flash", "no"), FLASH_MS);
}

// Keeps the screen of a kiosk awake, where the browser can.
async function stayAwake() {
  if (!("wakeLock" in navigator) || document.visibilityState !== "visible") return;
  await navigator.wakeLock.request("screen").catch(() => {});
}

function wire(changed, more) {
  const select = at("option-lang");
  select.replaceChildren(...LANGUAGES.map((one) => h("option", { value: one, lang: one }, NAMES[one])));
  select.value = language();
  select.onchange = async () => { keep("lang", select.value); await speak(select.value, more); changed(); };
  at("option-theme").value = chosen.theme;
  at("option-theme").onchange = () => { keep("theme", at("option-theme").value); theme(); changed(); };
  for (const name of ["sound", "flash"]) {
    const box = at(`option-${name}`);
    if (box === null) continue; // not every page has them
    box.checked = chosen[name];
    box.onchange = () => { keep(name, box.checked); if (box.checked) alarm(); };
  }
}

// `changed` is called after another choice; `more`: further files of texts.
export async function begin(changed, more = []) {
  theme();
  await speak(negotiate(chosen.lang, navigator.languages), more);
  wire(changed, more);
  if (!query.has("kiosk")) return;
  set(document.body, "kiosk", "yes");
  addEventListener("visibilitychange", stayAwake);
  await stayAwake();
}
