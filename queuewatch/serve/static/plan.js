// A plan, drawn: its totals, the week as a heat map that one walks by the arrow keys, and what it rests on.

import { drawBack, drawFan } from "/static/plan-charts.js";
import { drawKinds, offerKinds, value } from "/static/plan-kinds.js";
import { at, h, put, show } from "/static/dom.js";
import { age, calendarDay, clock, finely, number, share, t, whole } from "/static/words.js";

const WEEKDAY = { weekday: "short" };
const DATE = { day: "numeric", month: "short" };
const LONG = { weekday: "long", day: "numeric", month: "long" };
const MOST = 0.5; // of the heat, where most is

let chosen = () => {};

// Whom to tell which day was chosen.
export function onDay(tell) {
  chosen = tell;
}

export function drawPlan(state) {
  totals(state.plan);
  promise(state.plan);
  drawWeek(state);
  at("back").replaceChildren(...drawBack(at("back").clientWidth, state.plan.accuracy));
  rests(state.plan.assumptions);
}

export function drawWeek(state) {
  const { plan, page } = state;
  at("before").disabled = page === 0;
  at("after").disabled = (page + 1) * 7 >= plan.days.length;
  state.field = offerKinds(plan, state.field);
  grid(state);
  const one = plan.days[state.day];
  put(at("day-title"), [calendarDay(one.day, LONG), note(one.note)].filter(Boolean).join(", "));
  const rows = plan.rows.filter((row) => row.local.startsWith(one.day));
  const gap = plan.unknown.find((row) => row.local.startsWith(one.day));
  const nothing = gap ? t("unknown_why", { why: why(gap.why) }) : t("closed_all_day");
  at("fan").replaceChildren(rows.length ? drawFan(at("fan").clientWidth, one, rows) : h("p", { class: "soft" }, nothing));
  drawKinds(plan, rows);
}

const sum = (list, name) => list.reduce((total, one) => total + (one[name] ?? 0), 0);

function totals({ days, rows, unknown }) {
  const figures = [
    [t("contacts"), sum(days, "contacts")],
    [t("agent_hours"), sum(days, "agent_hours")],
    [t("agent_hours_safe"), sum(days, "agent_hours_safe")],
    [t("most_agents"), Math.max(0, ...rows.map((row) => row.agents))],
  ];
  at("totals").replaceChildren(...figures.map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, rows.length ? whole(value) : t("unknown")))));
  const whys = [...new Set(unknown.map((one) => why(one.why)))];
  show(at("gaps"), whys.length > 0);
  put(at("gaps"), t("gaps", { whys: whys.join("; ") }));
}

// How often a single interval keeps what holds on average: who is judged by single ones must know it.
function promise({ channel, interval_s, promise: { contacts, holds, holds_safe } }) {
  show(at("promise"), holds !== null);
  if (holds === null) return;
  const told = { length: age(interval_s), n: contacts < 10 ? number(contacts) : whole(contacts), holds: share(holds), safe: share(holds_safe) };
  put(at("promise"), t(channel === "email" ? "promise_email" : "promise", told));
}

// ---------------------------------------------------------------- what the service says in English

// Why nothing is known of a time: of which weekday there is no past.
function why(said) {
  const [, , weekday, end] = /^(no|too little) history of (\w+?)s (yet|at this time|at some times)$/.exec(said) ?? [];
  if (weekday === undefined) return said;
  const first = new Date(`2024-01-01T12:00:00Z`); // a Monday
  const place = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"].indexOf(weekday);
  first.setUTCDate(first.getUTCDate() + place);
  const day = calendarDay(first.toISOString().slice(0, 10), { weekday: "long" });
  return t(end === "yet" ? "why_no_history" : "why_little_history", { day });
}

function note(said) {
  return said.split("; ").map((part) => {
    if (part === "closed") return t("closed");
    if (part.startsWith("closed: ")) return `${t("closed")}: ${part.slice(8)}`;
    return why(part);
  }).join("; ");
}

function target(said) {
  const busy = /^occupancy<=([\d.]+)$/.exec(said)?.[1];
  if (busy !== undefined) return t("target_busy", { share: share(Number(busy)) });
  const [, threshold, most] = /^P\(wait>([\d.]+)\)<=([\d.]+)$/.exec(said) ?? [];
  return threshold === undefined ? said : t("target", { share: share(Number(most)), age: age(Number(threshold)) });
}

// ---------------------------------------------------------------- the week

function grid(state) {
  const { plan, page, field } = state;
  const days = plan.days.slice(page * 7, page * 7 + 7);
  const cells = new Map([...plan.rows, ...plan.unknown].map((row) => [row.local, row]));
  const times = [...new Set([...cells.keys()].map((local) => local.slice(11)))].sort();
  const most = Math.max(1e-9, ...plan.rows.map((row) => value(row, field)));
  const headings = days.map((one, index) => heading(one, page * 7 + index, state.day));
  const rows = times.map((time) => h("tr", {}, h("th", { scope: "row" }, time),
    ...days.map((one) => cell(one, time, cells.get(`${one.day} ${time}`), field, most))));
  at("grid").replaceChildren(
    h("caption", { class: "soft" }, `${plan.queue}, ${t("minutes", { n: plan.interval_s / 60 })}, ${plan.zone}`),
    h("thead", {}, h("tr", {}, h("td", {}), ...headings)), h("tbody", {}, ...rows));
  walkable(at("grid"));
  put(at("cell"), t("cell_how"));
}

function heading(one, index, day) {
  const words = note(one.note);
  return h("th", { scope: "col" }, h("button", { type: "button", "aria-pressed": String(index === day), onclick: () => {
    chosen(index);
    at("grid").querySelector("button[aria-pressed=true]")?.focus();
  } }, h("span", {}, calendarDay(one.day, WEEKDAY)), " ", h("span", {}, calendarDay(one.day, DATE)), words ? h("span", { class: "note" }, words) : null));
}

function cell(one, time, row, field, most) {
  if (row === undefined) return h("td", { class: "closed" }, h("span", { "aria-hidden": "true" }, "·"), h("span", { class: "unseen" }, t("closed")));
  const words = row.why === undefined ? detail(row) : t("unknown_why", { why: why(row.why) });
  const tell = () => put(at("cell"), `${calendarDay(one.day, WEEKDAY)} ${time}: ${words}`);
  const text = row.why === undefined ? (field === "contacts" && row.contacts < 10 ? number(row.contacts) : whole(value(row, field))) : "?";
  const made = h("td", { class: row.why !== undefined ? "unknown" : short(row) ? "short" : "", onmouseenter: tell, onfocus: tell },
    h("span", { "aria-hidden": row.why !== undefined ? "true" : null }, text),
    row.why !== undefined ? h("span", { class: "unseen" }, t("unknown")) : null);
  if (row.why === undefined) made.style.backgroundColor = `rgb(var(--heat) / ${(0.04 + MOST * (value(row, field) / most)).toFixed(3)})`;
  return made;
}

const short = (row) => row.planned !== null && row.planned < row.agents;

function detail(row) {
  const parts = [
    t("cell_contacts", { n: number(row.contacts), low: whole(row.low_80), high: whole(row.high_80) }),
    t("cell_agents", { n: whole(row.agents), safe: whole(row.agents_safe), roster: whole(row.rostered), busy: share(row.occupancy) }),
    ...Object.entries(row.crews ?? {}).map(([name, n]) => `${name}: ${n}`),
    ...Object.entries(row.chances).map(([threshold, one]) => t("cell_chance", { share: finely(one), age: age(Number(threshold)) })),
  ];
  if (row.holds !== null) parts.push(t("cell_holds", { share: share(row.holds) }));
  if (row.planned !== null) parts.push(t("agents_planned", { n: row.planned }));
  if (row.past_one_fewer !== null) parts.push(t("cell_fewer", { fewer: number(row.past_one_fewer), now: number(row.past), more: number(row.past_one_more) }));
  return parts.join("; ");
}

// One cell is reached by the tabulator, the others by the arrow keys, so that nobody tabs through hundreds.
function walkable(table) {
  const rows = [...table.tBodies[0].rows];
  const open = (one) => one && !one.classList.contains("closed") && one.tagName === "TD";
  const all = rows.flatMap((row) => [...row.cells].filter(open));
  for (const one of all) one.tabIndex = -1;
  if (all.length) all[0].tabIndex = 0;
  table.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const from = event.target.closest("tbody td");
    if (!step || !from) return;
    event.preventDefault();
    let [row, column] = [rows.indexOf(from.parentElement), from.cellIndex];
    do {
      row += step[0];
      column += step[1];
    } while (rows[row]?.cells[column] && !open(rows[row].cells[column]));
    const to = rows[row]?.cells[column];
    if (!open(to)) return;
    from.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  };
}

// ---------------------------------------------------------------- what it rests on

function rests(told) {
  const missing = told.unknown_share ? t("days_missing", { share: finely(told.unknown_share) }) : "";
  const facts = [
    [t("kept_on_average"), told.targets.map(target).join(", ")],
    [t("forecast_by"), t("chosen_by_trying", { method: told.method })],
    [t("past"), [t("days", { n: told.known_days }), missing].filter(Boolean).join(", ")],
    [t("opening_hours"), t(told.hours_guessed ? "hours_guessed" : "hours_told")],
    [t("patience"), told.patience_s === null ? t("nobody_hangs_up") : t("clock_minutes", { clock: clock(told.patience_s) })],
    [t("handling_time"), told.handling_contacts ? t("of_last_contacts", { n: whole(told.handling_contacts) }) : t("handling_guessed")],
    [t("shrinkage"), share(told.shrinkage)],
    [t("at_a_time"), whole(told.slots)],
    [t("profile"), told.borrowed === null ? t("own_profile") : t("borrowed", { queue: told.borrowed })],
  ];
  if (told.short_intervals) facts.push([t("short_intervals"), whole(told.short_intervals)]);
  at("rests").replaceChildren(...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}
