// What the board says, in the language of who looks: texts from JSON, plurals and shares as the language has them.

import { put } from "/static/dom.js";
import { now } from "/static/now.js";

export const LANGUAGES = ["en", "de", "nl", "fr", "es"];

let texts = {};
let own = "en";
let plurals = new Intl.PluralRules(own);
let shares = new Intl.NumberFormat(own, { style: "percent" });
let numbers = new Intl.NumberFormat(own, { maximumFractionDigits: 1 });

export const language = () => own;

// The best of ours for what is asked for, in order.
export function negotiate(...asked) {
  for (const one of asked.flat()) {
    const base = String(one ?? "").toLowerCase().split("-")[0];
    if (LANGUAGES.includes(base)) return base;
  }
  return "en";
}

// `more`: further files of texts than those of the board.
export async function speak(name, more = []) {
  const files = await Promise.all(["words", ...more].map((file) => fetch(`/static/${file}.${name}.json`).then((one) => one.json())));
  texts = Object.assign({}, ...files);
  own = name;
  plurals = new Intl.PluralRules(own);
  shares = new Intl.NumberFormat(own, { style: "percent" });
  numbers = new Intl.NumberFormat(own, { maximumFractionDigits: 1 });
  document.documentElement.lang = own;
}

// The text of this name with its {values}; `n` decides the plural.
export function t(name, values = {}) {
  const found = texts[name];
  const text = typeof found === "object" ? found[plurals.select(values.n)] ?? found.other : found ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

// Puts the page's own texts into the language.
export function translate() {
  for (const element of document.querySelectorAll("[data-t]")) put(element, t(element.dataset.t));
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
}

export const has = (name) => name in texts;
export const number = (value) => numbers.format(value);
export const whole = (value) => numbers.format(Math.round(value));

// A duration in words, seconds in: 45 s, 12 min, 3 h 20 min, 2 days.
export function age(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 120) return s === 60 ? t("minutes", { n: 1 }) : t("seconds", { n: s });
  const minutes = Math.round(s / 60);
  if (minutes < 60) return t("minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return t("days", { n: Math.round(hours / 24) });
  return minutes % 60 ? t("hours_minutes", { n: hours, m: minutes % 60 }) : t("hours", { n: hours });
}

// A running duration: 0:45, 12:05, 1 h 02, 3 d 4 h.
export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (value) => String(value).padStart(2, "0");
  if (s >= 172_800) return t("clock_days", { n: Math.floor(s / 86_400), h: Math.floor((s % 86_400) / 3600) });
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${two(s % 60)}`;
  return t("clock_hours", { n: Math.floor(minutes / 60), m: two(minutes % 60) });
}

// An expected wait, no finer than anybody could know it. What is to be kept is rounded up.
export function wait(seconds, round = Math.round) {
  const step = seconds < 120 ? 5 : seconds < 3600 ? 60 : 600;
  return age(round(seconds / step) * step);
}

export function chance(share) {
  if (share === undefined || share === null) return t("unknown");
  if (share > 0 && share < 0.005) return `<${shares.format(0.01)}`;
  if (share < 1 && share > 0.995) return `>${shares.format(0.99)}`;
  return shares.format(share);
}

export const share = (value) => shares.format(value);

// With a tenth of a per cent, where that much is known.
export const finely = (value) => new Intl.NumberFormat(own, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);

// With three places, as scores have them.
export const score = (value) => new Intl.NumberFormat(own, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(value);

// A day of a calendar ("2026-11-23"), in its language: by `look` as Intl.DateTimeFormat has it.
export const calendarDay = (day, look) => new Date(`${day}T12:00:00Z`).toLocaleDateString(own, { ...look, timeZone: "UTC" });

// The time, with the day where that is not today.
export function timeOfDay(when) {
  const day = new Date(when).toDateString() === new Date(now()).toDateString() ? "" : `${new Date(when).toLocaleDateString(own, { weekday: "short" })} `;
  return day + new Date(when).toLocaleTimeString(own, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
