// The day of one queue, in charts of the same times: how it stood and the waits; how many there were, and how long
// those answered had waited.

import { queuePath, read } from "/static/api.js";
import { drawCounts, drawHeat, drawStates, drawWaits } from "/static/chart.js";
import { h, put, show } from "/static/dom.js";
import { BANDS, band } from "/static/tell.js";
import { age, t, timeOfDay } from "/static/words.js";

// The worse the higher and the stronger.
const LOOKS = {
  unknown: { height: 0.04, colour: "soft" },
  calm: { height: 0.12, colour: "calm" },
  watch: { height: 0.4, colour: "watch" },
  busy: { height: 0.7, colour: "watch" },
  trouble: { height: 1, colour: "trouble" },
};

function chart(title) {
  const one = { title: h("h4", {}, title), root: h("div", { class: "chart", role: "img", "aria-label": title }) };
  return { ...one, element: h("div", {}, one.title, one.root) };
}

export function newDay() {
  const day = {
    states: chart(t("day_states")),
    waits: chart(t("day_title")),
    counts: chart(t("day_counts")),
    heat: chart(t("day_heat")),
    since: h("p", { class: "soft" }, t("day_empty")),
  };
  day.charts = [day.states, day.waits, day.counts, day.heat];
  for (const one of day.charts) show(one.element, false);
  day.element = h("section", { class: "panel day", "aria-label": t("day") },
    h("h3", {}, t("day")), day.since, h("div", { class: "charts" },
      h("div", {}, day.states.element, day.waits.element), h("div", {}, day.counts.element, day.heat.element)));
  return day;
}

// How a queue stood at a time, from the next contact's chances then, the shortest threshold first.
function stood(chances, waiting, agents) {
  if (waiting > 0 && agents === 0) return "trouble";
  if (chances.some((one) => one === null)) return "unknown";
  const worst = chances.map((one) => BANDS.indexOf(band(one)));
  if (worst.at(-1) === 2) return "trouble";
  return ["calm", "watch", "busy"][Math.max(...worst)];
}

// Asks for the day and draws it; and draws it again when there is more or less room.
export async function drawDay(day, place, signal) {
  const told = await read(queuePath(place, "/history"), signal);
  await draw(day, told);
  day.watch?.disconnect();
  let wide = day.element.clientWidth;
  day.watch = new ResizeObserver(() => {
    if (day.element.clientWidth === wide) return;
    wide = day.element.clientWidth;
    draw(day, told);
  });
  day.watch.observe(day.element);
  signal.addEventListener("abort", () => day.watch.disconnect());
}

async function draw(day, told) {
  const when = told.at.map((one) => Date.parse(one) / 1000);
  if (when.length < 2) return;
  for (const one of day.charts) show(one.element, true);
  const keys = Object.keys(told.chances).sort((a, b) => a - b);
  const states = when.map((_, at) => stood(keys.map((key) => told.chances[key][at]), told.waiting[at], told.agents[at]));
  const so = (bad) => age(states.filter((one) => bad.includes(one)).length * told.every_s);
  put(day.since, t("day_since", { time: timeOfDay(told.at[0]), span: age(when.at(-1) - when[0]) }));
  put(day.states.title, t("day_stood", { trouble: so(["busy", "trouble"]), unknown: so(["unknown"]) }));
  day.states.root.setAttribute("aria-label", day.states.title.textContent);
  const marks = keys.map(Number);
  const span = [when[0], when.at(-1)];
  await drawStates(day.states.root, span, when, states, LOOKS);
  await drawWaits(day.waits.root, span, when, [
    { label: t("line_kept"), colour: "calm", values: told.kept_s, dash: [4, 3] },
    { label: t("line_typical"), colour: "calm", values: told.typical_s, width: 3 },
    { label: t("line_oldest"), colour: "watch", values: told.oldest_s },
  ], marks);
  await drawCounts(day.counts.root, span, when, [
    { label: t("waiting"), colour: "watch", values: told.waiting, fill: true },
    { label: t("agents"), colour: "calm", values: told.agents, width: 3 },
  ]);
  const columns = told.heat.at.map((one) => Date.parse(one) / 1000);
  show(day.heat.element, columns.length > 0);
  if (columns.length) await drawHeat(day.heat.root, span, columns, told.heat.every_s, told.heat.answered, told.heat.borders_s, marks);
}
