// The charts of a plan, drawn as wide as there is room: a day's fan, and last week's forecast beside what came.

import { h } from "/static/dom.js";
import { calendarDay, finely, number, share, t, whole } from "/static/words.js";

const SVG = "http://www.w3.org/2000/svg";
const NARROW = 600; // pixels
const MARK = 56; // pixels between the marks of the time, at least
const EDGE = 42; // pixels for the marks of an axis

function s(tag, props = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const known = (value, words = whole) => (value === null || value === undefined ? t("unknown") : words(value));

// Marks of an axis from 0 on: their distance and the last; `least`: no finer than this.
function scale(most, least = 0) {
  const rough = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough && one >= least) ?? least;
  return { step, top: Math.ceil(Math.max(most, 1) / step) * step };
}

function marks(drawing, of, y, left, right, props = {}) {
  for (let value = 0; value <= of.top + 1e-9; value += of.step) {
    if (right > left) drawing.append(s("line", { class: "axis", x1: left, x2: right, y1: y(value), y2: y(value) }));
    drawing.append(s("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end", ...props }, number(value)));
  }
}

// Contacts as a line within their ranges, agents as steps, over the intervals of a day.
export function drawFan(room, day, rows) {
  const width = Math.max(260, room);
  const [height, left, right, top, bottom] = [width < NARROW ? 240 : 320, EDGE, EDGE, 30, 30];
  const contacts = scale(Math.max(...rows.map((row) => row.high_95)));
  const agents = scale(Math.max(...rows.map((row) => row.agents_safe)), 1);
  const x = (index) => left + ((width - left - right) * index) / rows.length;
  const mid = (index) => x(index + 0.5);
  const y = (of) => (value) => height - bottom - ((height - top - bottom) * value) / of.top;
  const [many, staff] = [y(contacts), y(agents)];
  const band = (low, high) => [
    ...rows.map((row, i) => `${mid(i)},${many(row[high])}`),
    ...rows.map((row, i) => `${mid(i)},${many(row[low])}`).reverse()].join(" ");
  const steps = (name) => rows.map((row, i) => `${i ? "L" : "M"}${x(i)},${staff(row[name])}H${x(i + 1)}`).join("");
  const label = t("fan_label", { n: known(day.contacts), low: known(day.low_80), high: known(day.high_80), hours: known(day.agent_hours, number) });
  const drawing = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
  marks(drawing, contacts, many, left, width - right);
  marks(drawing, agents, staff, width - right, 0, { class: "l-steps", x: width - right + 6, "text-anchor": "start" });
  let last = -Infinity; // where the last mark of the time stands
  rows.forEach((row, i) => {
    if (!row.local.endsWith(":00") || x(i) - last < MARK) return;
    last = x(i);
    drawing.append(s("text", { x: x(i), y: height - 10, "text-anchor": "middle" }, row.local.slice(11)));
  });
  drawing.append(
    s("polygon", { class: "b95", points: band("low_95", "high_95") }),
    s("polygon", { class: "b80", points: band("low_80", "high_80") }),
    s("polyline", { class: "mean", points: rows.map((row, i) => `${mid(i)},${many(row.contacts)}`).join(" ") }),
    s("path", { class: "agents", d: steps("agents") }),
    s("path", { class: "safe", d: steps("agents_safe") }),
    s("text", { x: 4, y: 14 }, t("contacts")),
    s("text", { class: "l-steps", x: width - 4, y: 14, "text-anchor": "end" }, t("axis_agents")),
  );
  return drawing;
}

// Last week's forecasts, a day and a week ahead: in words and drawn.
export function drawBack(room, accuracy) {
  const told = accuracy.filter((one) => one.wape !== null);
  if (!told.length) return [h("p", { class: "soft" }, t("back_nothing"))];
  return told.flatMap((one) => [h("p", {}, words(one)), week(Math.max(260, room), one)]);
}

function words(one) {
  const parts = [t(one.lead_days === 1 ? "back_day" : "back_week", { share: finely(one.wape) })];
  if (one.naive_wape !== null) parts.push(t("back_naive", { share: finely(one.naive_wape) }));
  if (one.bias !== null && Math.abs(one.bias) >= 0.005) {
    parts.push(t(one.bias > 0 ? "back_too_many" : "back_too_few", { share: finely(Math.abs(one.bias)) }));
  }
  if (one.cover_80 !== null) parts.push(t("back_inside", { inner: share(one.cover_80), outer: share(one.cover_95) }));
  return parts.join(" ");
}

function week(width, one) {
  const [height, left, bottom, top] = [190, EDGE, 26, 10];
  const of = scale(Math.max(...one.days.map((each) => Math.max(each.high, each.came ?? 0))));
  const y = (value) => height - bottom - ((height - top - bottom) * value) / of.top;
  const step = (width - left) / one.days.length;
  const half = Math.min(22, step * 0.35);
  const label = one.days.map((each) => t("back_label", { day: calendarDay(each.day, { weekday: "short" }), said: whole(each.said), came: known(each.came) })).join("; ");
  const drawing = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
  marks(drawing, of, y, left, width);
  one.days.forEach((each, i) => {
    const x = left + step * (i + 0.5);
    const name = calendarDay(each.day, width < NARROW ? { weekday: "short" } : { weekday: "short", day: "numeric", month: "short" });
    drawing.append(
      s("rect", { class: "range", x: x - half, width: 2 * half, y: y(each.high), height: Math.max(1, y(each.low) - y(each.high)) }),
      s("line", { class: "said", x1: x - half, x2: x + half, y1: y(each.said), y2: y(each.said) }),
      s("text", { x, y: height - 8, "text-anchor": "middle" }, name),
    );
    if (each.came === null) drawing.append(s("text", { x, y: y(each.high) - 6, "text-anchor": "middle" }, "?"));
    else drawing.append(mark(each, x, y(each.came)));
  });
  return h("figure", {}, drawing, h("figcaption", { class: "soft" }, t("back_caption")));
}

// What came: a dot; a rhomb where it lay outside the range, so that it is not told by colour alone.
function mark(each, x, y) {
  if (each.came >= each.low && each.came <= each.high) return s("circle", { class: "came", cx: x, cy: y, r: 5 });
  return s("path", { class: "out", d: `M${x - 7},${y}L${x},${y - 7}L${x + 7},${y}L${x},${y + 7}Z` });
}
