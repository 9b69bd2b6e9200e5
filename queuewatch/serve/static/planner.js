// The planner page: asks the service for a plan, draws it, and asks again when something is changed.
import { headers, queuePath, read, Refusal, token } from "./api.js";
import { at, h } from "./dom.js";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const SVG = "http://www.w3.org/2000/svg";
const place = { site: "default", queue: "" };
let known = [];
let plan = null; // as it is, or as it would be
let base = null; // as it is
let field = "agents";
let page = 0;
let day = 0;
let running = null;

const number = (value, digits = 0) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = (share, digits = 0) => `${number(100 * share, digits)} %`;
const minutes = (s) => `${Math.floor(s / 60)}:${String(Math.round(s % 60)).padStart(2, "0")} min`;

function s(tag, props = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function say(text, wrong = false) {
  at("state").textContent = text;
  at("state").dataset.wrong = wrong ? "yes" : "no";
}

// ---- asking
function query() {
  return { interval: at("interval").value, horizon: at("horizon").value };
}

function tried() {
  const form = at("if");
  const own = {};
  if (form.volume.value !== "100") own.volume = form.volume.value / 100;
  if (form.handling.value !== "100") own.handling = form.handling.value / 100;
  if (form.shrinkage.dataset.touched === "yes") own.shrinkage = form.shrinkage.value / 100;
  if (form.past_first.dataset.touched === "yes") own.past_first = form.past_first.value / 100;
  return own;
}

async function ask() {
  running?.abort();
  running = new AbortController();
  const own = tried();
  const changed = Object.keys(own).length > 0;
  at("main").setAttribute("aria-busy", "true");
  say("Planning …");
  try {
    const made = await read(queuePath(place, "/staffing", { ...query(), ...own }), running.signal);
    plan = made;
    if (!changed) base = made;
    draw();
    say("");
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error instanceof Refusal && (error.status === 401 || error.status === 403)) return login();
    at("result").hidden = true;
    say(error.message, true);
  }
  at("main").setAttribute("aria-busy", "false");
}

async function download(format) {
  const path = queuePath(place, "/staffing", { ...query(), ...tried(), format });
  const response = await fetch(path, { headers: headers() });
  if (!response.ok) return say("The plan could not be fetched; try again.", true);
  const link = h("a", { href: URL.createObjectURL(await response.blob()), download: `plan-${place.queue}.${format}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  return undefined;
}

// ---- drawing
function draw() {
  at("result").hidden = false;
  page = Math.min(page, Math.floor((plan.days.length - 1) / 7));
  day = Math.min(day, plan.days.length - 1);
  totals();
  grid();
  fan();
  back();
  rests();
  whatIf();
}

const unknown = (value) => value === null || value === undefined;
const shown = (value, digits = 0) => (unknown(value) ? "?" : number(value, digits));
const sum = (list, name) => list.reduce((total, one) => total + one[name], 0);

function totals() {
  const most = Math.max(0, ...plan.rows.map((row) => row.agents));
  at("totals").replaceChildren(
    ...[
      ["Contacts", number(sum(plan.days, "contacts"))],
      ["Agent hours", number(sum(plan.days, "agent_hours"))],
      ["Agent hours, to be safe", number(sum(plan.days, "agent_hours_safe"))],
      ["Most agents at a time", plan.rows.length ? number(most) : "?"],
    ].map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, plan.rows.length ? value : "?"))),
  );
  const whys = [...new Set(plan.unknown.map((one) => one.why))];
  at("gaps").hidden = !whys.length;
  at("gaps").textContent = `Not in these figures, and “?” below: ${whys.join("; ")}. What nobody has seen is not forecast, and not taken for closed; write opening hours into [hours], or give the queue the profile of another.`;
}

function rowsOf(one) {
  return plan.rows.filter((row) => row.local.startsWith(one.day));
}

function grid() {
  const days = plan.days.slice(page * 7, page * 7 + 7);
  at("before").disabled = page === 0;
  at("after").disabled = (page + 1) * 7 >= plan.days.length;
  const cells = new Map(plan.rows.map((row) => [row.local, row]));
  const gaps = new Map(plan.unknown.map((row) => [row.local, row]));
  const times = [...new Set([...plan.rows, ...plan.unknown].map((row) => row.local.slice(11)))].sort();
  const most = Math.max(1e-9, ...plan.rows.map((row) => row[field]));
  const heading = (one, index) =>
    h(
      "th",
      { scope: "col" },
      h(
        "button",
        { type: "button", "aria-pressed": String(page * 7 + index === day), onclick: () => choose(page * 7 + index) },
        `${DAYS[one.weekday]} ${one.day.slice(5)}`,
        one.note ? h("span", { class: "note" }, one.note) : null,
      ),
    );
  const cell = (one, time) => {
    const row = cells.get(`${one.day} ${time}`);
    const gap = gaps.get(`${one.day} ${time}`);
    if (gap) {
      const dark = h("td", { tabIndex: 0, class: "unknown", title: gap.why }, "?");
      for (const kind of ["mouseenter", "focus"]) {
        dark.addEventListener(kind, () => { at("cell").textContent = `${DAYS[one.weekday]} ${time}: unknown, ${gap.why}.`; });
      }
      return dark;
    }
    if (!row) return h("td", { class: "closed" }, "·");
    const short = row.planned !== null && row.planned < row.agents;
    const made = h("td", { tabIndex: 0, class: short ? "short" : "" }, number(row[field], field === "contacts" && row.contacts < 10 ? 1 : 0));
    made.style.backgroundColor = `rgb(var(--heat) / ${(0.04 + 0.5 * (row[field] / most)).toFixed(3)})`;
    for (const kind of ["mouseenter", "focus"]) made.addEventListener(kind, () => detail(one, row));
    return made;
  };
  at("grid").replaceChildren(
    h("caption", { class: "soft" }, `${plan.queue}, every ${plan.interval_s / 60} minutes, ${plan.zone}`),
    h("thead", {}, h("tr", {}, h("td", {}), ...days.map(heading))),
    h("tbody", {}, ...times.map((time) => h("tr", {}, h("th", { scope: "row" }, time), ...days.map((one) => cell(one, time))))),
  );
}

function detail(one, row) {
  const chances = Object.entries(row.chances).map(([t, chance]) => `${percent(chance, 1)} wait over ${t} s`);
  const fewer = row.past_one_fewer === null ? "" : ` One agent fewer: ${number(row.past_one_fewer, 1)} customers past the last threshold instead of ${number(row.past, 1)}; one more: ${number(row.past_one_more, 1)}.`;
  const planned = row.planned === null ? "" : ` Planned: ${row.planned}.`;
  at("cell").textContent =
    `${DAYS[one.weekday]} ${row.local.slice(11)}: ${number(row.contacts, 1)} contacts (8 times in 10 ${number(row.low_80)} to ${number(row.high_80)}), ` +
    `${row.agents} agents, ${row.agents_safe} to be safe, ${row.rostered} to roster, busy ${percent(row.occupancy)}` +
    `${chances.length ? `, ${chances.join(", ")}` : ""}.${planned}${fewer}`;
}

function choose(index) {
  day = index;
  grid();
  fan();
  at("grid").querySelector("button[aria-pressed=true]")?.focus();
}

function scale(most, least = 0) {
  const rough = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough && one >= least);
  return { step, top: Math.ceil(Math.max(most, 1) / step) * step };
}

function fan() {
  const one = plan.days[day];
  const rows = rowsOf(one);
  at("day-title").textContent = `The day: ${DAYS[one.weekday]} ${one.day}${one.note ? `, ${one.note}` : ""}`;
  if (!rows.length) {
    const gap = plan.unknown.find((row) => row.local.startsWith(one.day));
    return at("fan").replaceChildren(h("p", { class: "soft" }, gap ? `Unknown: ${gap.why}.` : "Closed."));
  }
  const [width, height, left, right, top, bottom] = [1100, 320, 46, 46, 12, 30];
  const contacts = scale(Math.max(...rows.map((row) => row.high_95)));
  const agents = scale(Math.max(...rows.map((row) => row.agents_safe)), 1);
  const x = (index) => left + ((width - left - right) * index) / rows.length;
  const mid = (index) => x(index + 0.5);
  const y = (value, of) => height - bottom - ((height - top - bottom) * value) / of.top;
  const band = (low, high) =>
    [...rows.map((row, i) => `${mid(i)},${y(row[high], contacts)}`), ...rows.map((row, i) => `${mid(i)},${y(row[low], contacts)}`).reverse()].join(" ");
  const steps = (name) => rows.map((row, i) => `${i ? "L" : "M"}${x(i)},${y(row[name], agents)}H${x(i + 1)}`).join("");
  const drawing = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Contacts and agents on ${one.day}: ${shown(one.contacts)} contacts, ${shown(one.low_80)} to ${shown(one.high_80)} 8 times in 10, ${shown(one.agent_hours, 1)} agent hours` });
  for (let value = 0; value <= contacts.top + 1e-9; value += contacts.step) {
    drawing.append(s("line", { class: "axis", x1: left, x2: width - right, y1: y(value, contacts), y2: y(value, contacts) }));
    drawing.append(s("text", { x: left - 6, y: y(value, contacts) + 4, "text-anchor": "end" }, number(value)));
  }
  for (let value = 0; value <= agents.top + 1e-9; value += agents.step) {
    drawing.append(s("text", { class: "l-steps", x: width - right + 6, y: y(value, agents) + 4 }, number(value)));
  }
  rows.forEach((row, i) => {
    if (row.local.endsWith(":00") && (rows.length <= 28 || Number(row.local.slice(11, 13)) % 3 === 0)) {
      drawing.append(s("text", { x: x(i), y: height - 10, "text-anchor": "middle" }, row.local.slice(11)));
    }
  });
  drawing.append(
    s("polygon", { class: "b95", points: band("low_95", "high_95") }),
    s("polygon", { class: "b80", points: band("low_80", "high_80") }),
    s("polyline", { class: "mean", points: rows.map((row, i) => `${mid(i)},${y(row.contacts, contacts)}`).join(" ") }),
    s("path", { class: "agents", d: steps("agents") }),
    s("path", { class: "safe", d: steps("agents_safe") }),
    s("text", { x: left + 4, y: top + 10 }, "contacts"),
    s("text", { class: "l-steps", x: width - right - 4, y: top + 10, "text-anchor": "end" }, "agents (dashed: to be safe)"),
  );
  return at("fan").replaceChildren(drawing);
}

function back() {
  const told = plan.accuracy.filter((one) => one.wape !== null);
  if (!told.length) {
    return at("back").replaceChildren(h("p", { class: "soft" }, "No forecast is old enough to be held against what came."));
  }
  return at("back").replaceChildren(...told.flatMap((one) => [h("p", {}, words(one)), week(one)]));
}

function words(one) {
  const lead = one.lead_days === 1 ? "a day" : "a week";
  const bias = one.bias === null || Math.abs(one.bias) < 0.005 ? "" : ` Over the week ${percent(Math.abs(one.bias), 1)} too ${one.bias > 0 ? "many" : "few"} were told.`;
  const naive = one.naive_wape === null ? "" : ` (the same weekday a week before: ${percent(one.naive_wape, 1)})`;
  const inside = one.cover_80 === null ? "" : ` ${percent(one.cover_80)} of the intervals came inside the 80 % range, ${percent(one.cover_95)} inside the 95 % range.`;
  return `Told ${lead} ahead, an interval was off by ${percent(one.wape, 1)}${naive}.${bias}${inside}`;
}

function week(one) {
  const [width, height, left, bottom, top] = [1100, 190, 46, 26, 10];
  const of = scale(Math.max(...one.days.map((each) => Math.max(each.high, each.came ?? 0))));
  const y = (value) => height - bottom - ((height - top - bottom) * value) / of.top;
  const step = (width - left) / one.days.length;
  const label = one.days.map((each) => `${each.day}: told ${number(each.said)}, came ${each.came === null ? "unknown" : number(each.came)}`).join("; ");
  const drawing = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (let value = 0; value <= of.top + 1e-9; value += of.step) {
    drawing.append(s("line", { class: "axis", x1: left, x2: width, y1: y(value), y2: y(value) }));
    drawing.append(s("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, number(value)));
  }
  one.days.forEach((each, i) => {
    const x = left + step * (i + 0.5);
    const date = new Date(`${each.day}T12:00:00Z`);
    drawing.append(
      s("rect", { class: "range", x: x - 22, width: 44, y: y(each.high), height: Math.max(1, y(each.low) - y(each.high)) }),
      s("line", { class: "said", x1: x - 22, x2: x + 22, y1: y(each.said), y2: y(each.said) }),
      s("text", { x, y: height - 8, "text-anchor": "middle" }, `${DAYS[(date.getUTCDay() + 6) % 7]} ${each.day.slice(5)}`),
    );
    if (each.came !== null) {
      const out = each.came < each.low || each.came > each.high;
      drawing.append(s("circle", { class: out ? "out" : "came", cx: x, cy: y(each.came), r: 5 }));
    }
  });
  return h("figure", { class: "wide" }, drawing, h("figcaption", { class: "soft" }, "Bar: the range told; line: the forecast; dot: what came (red where outside)."));
}

function rests() {
  const told = plan.assumptions;
  const facts = [
    ["Kept in every interval", told.targets.join(", ")],
    ["Forecast by", `${told.method}, chosen by trying all on the past`],
    ["Past", `${told.known_days} days known${told.unknown_share ? `, ${percent(told.unknown_share, 1)} of the open time counted by nobody and left out` : ""}`],
    ["Opening hours", told.hours_guessed ? "guessed from the past; write them into [hours]" : "as configured"],
    ["Patience", told.patience_s === null ? "nobody is taken to hang up" : minutes(told.patience_s)],
    ["Handling time", told.handling_contacts ? `of the last ${number(told.handling_contacts)} contacts in eight weeks` : "a guess of five minutes"],
    ["Shrinkage", percent(told.shrinkage)],
    ["Contacts at a time", String(told.slots)],
    ["Profile", told.borrowed === null ? "the queue's own" : `borrowed from ${told.borrowed}`],
  ];
  at("rests").replaceChildren(...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

// ---- what if
function outputs() {
  const form = at("if");
  for (const input of form.querySelectorAll("input")) {
    input.parentElement.querySelector("output").textContent = `${input.value} %`;
  }
}

function settle() {
  const form = at("if");
  form.volume.value = "100";
  form.handling.value = "100";
  if (base !== null) {
    form.shrinkage.value = String(Math.round(100 * base.assumptions.shrinkage));
    const first = base.assumptions.targets.find((one) => one.startsWith("P(wait>"));
    form.past_first.disabled = first === undefined;
    if (first !== undefined) form.past_first.value = String(Math.round(100 * Number(first.split("<=")[1])));
  }
  for (const input of form.querySelectorAll("input")) input.dataset.touched = "no";
  outputs();
}

function whatIf() {
  if (base === null || plan === base) {
    if (!Object.keys(tried()).length) settle();
    at("if-says").textContent = "";
    return;
  }
  const before = sum(base.days, "agent_hours");
  const after = sum(plan.days, "agent_hours");
  const rostered = (one) => one.rows.reduce((total, row) => total + row.rostered, 0) * (one.interval_s / 3600);
  at("if-says").textContent =
    `${number(after)} agent hours instead of ${number(before)} (${after >= before ? "+" : "−"}${number(Math.abs(after - before))}), ` +
    `${number(rostered(plan))} to roster instead of ${number(rostered(base))}.`;
}

// ---- beginning
function login() {
  at("login").hidden = false;
  at("main").hidden = true;
  at("token").focus();
}

async function begin() {
  if (document.body.dataset.access === "token" && token.get() === null) return login();
  at("login").hidden = true;
  at("main").hidden = false;
  try {
    const told = await read("/v1/planner");
    known = told.queues;
    at("interval").value = String(told.interval_min);
    if (at("interval").value === "") at("interval").value = "30";
    at("horizon").value = told.horizon_days > 14 ? "28" : told.horizon_days > 7 ? "14" : "7";
  } catch (error) {
    if (error instanceof Refusal && (error.status === 401 || error.status === 403)) {
      token.drop();
      return login();
    }
    return say(error.message, true);
  }
  if (!known.length) return say("No queue has told anything yet: a plan needs a past.");
  const asked = new URLSearchParams(location.search);
  at("queue").replaceChildren(
    ...known.map((one, index) =>
      h("option", { value: String(index), selected: one.queue === asked.get("queue") }, one.channel === "pool" ? `${one.queue} (together)` : one.queue),
    ),
  );
  return pick();
}

function pick() {
  const one = known[Number(at("queue").value)];
  place.site = one.site;
  place.queue = one.queue;
  history.replaceState(null, "", `?${new URLSearchParams({ queue: one.queue })}`);
  base = null;
  settle();
  return ask();
}

at("queue").addEventListener("change", pick);
for (const name of ["interval", "horizon"]) at(name).addEventListener("change", () => { base = null; settle(); ask(); });
at("xlsx").addEventListener("click", () => download("xlsx"));
at("csv").addEventListener("click", () => download("csv"));
at("before").addEventListener("click", () => { page -= 1; day = page * 7; grid(); fan(); });
at("after").addEventListener("click", () => { page += 1; day = page * 7; grid(); fan(); });
for (const button of document.querySelectorAll("button[data-field]")) {
  button.addEventListener("click", () => {
    field = button.dataset.field;
    for (const other of document.querySelectorAll("button[data-field]")) other.setAttribute("aria-pressed", String(other === button));
    grid();
  });
}
at("if").addEventListener("input", (event) => {
  event.target.dataset.touched = "yes";
  outputs();
});
at("if").addEventListener("change", ask);
at("as-it-is").addEventListener("click", () => { settle(); ask(); });
at("login").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set(at("token").value);
  begin();
});
outputs();
begin();
