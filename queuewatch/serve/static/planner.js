// The planner page: asks the service for a plan, has it drawn, and asks again when something is changed.

import { headers, queuePath, read, Refusal, token } from "/static/api.js";
import { at, h, put, show } from "/static/dom.js";
import * as options from "/static/options.js";
import { drawPlan, drawWeek, onDay } from "/static/plan.js";
import { share, t, translate, whole } from "/static/words.js";

const INTERVALS_MIN = [15, 30, 60];
const HORIZONS_DAYS = [7, 14, 28];
const AS_IT_IS = 100; // per cent

const place = { site: "default", queue: "" };
const state = {
  known: [], // queues that can be planned
  plan: null, // as it is, or as it would be
  base: null, // as it is
  field: "agents",
  page: 0, // the week shown
  day: 0, // the day shown, counted from the first
  said: null, // the name of what is said at the top, so that it can be said in another language
  running: null,
};

function say(name, values = {}, wrong = false) {
  state.said = [name, values, wrong];
  put(at("state"), name ? t(name, values) : "");
  at("state").dataset.wrong = wrong ? "yes" : "no";
}

// ---------------------------------------------------------------- asking

function tried() {
  const form = at("if");
  const own = {};
  if (Number(form.volume.value) !== AS_IT_IS) own.volume = form.volume.value / 100;
  if (Number(form.handling.value) !== AS_IT_IS) own.handling = form.handling.value / 100;
  if (form.shrinkage.dataset.touched === "yes") own.shrinkage = form.shrinkage.value / 100;
  if (form.past_first.dataset.touched === "yes") own.past_first = form.past_first.value / 100;
  return own;
}

const query = () => ({ interval: at("interval").value, horizon: at("horizon").value, ...tried() });

async function ask() {
  state.running?.abort();
  state.running = new AbortController();
  const { signal } = state.running;
  const changed = Object.keys(tried()).length > 0;
  at("main").setAttribute("aria-busy", "true");
  say("planning");
  try {
    state.plan = await read(queuePath(place, "/staffing", query()), signal);
    if (!changed) state.base = state.plan;
    say("");
    draw();
  } catch (error) {
    if (signal.aborted) return;
    if (denied(error)) return;
    show(at("result"), false);
    say("no_plan", { why: error.message }, true);
  }
  at("main").setAttribute("aria-busy", "false");
}

async function download(format) {
  const response = await fetch(queuePath(place, "/staffing", { ...query(), format }), { headers: headers() }).catch(() => null);
  if (!response?.ok) return say("not_fetched", {}, true);
  const link = h("a", { href: URL.createObjectURL(await response.blob()), download: `plan-${place.queue}.${format}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  return undefined;
}

// ---------------------------------------------------------------- drawing

function draw() {
  if (state.plan === null) return;
  show(at("result"), true);
  state.page = Math.min(state.page, Math.floor((state.plan.days.length - 1) / 7));
  state.day = Math.min(state.day, state.plan.days.length - 1);
  drawPlan(state);
  whatIf();
}

function turn(by) {
  state.page += by;
  state.day = state.page * 7;
  drawWeek(state);
}

// ---------------------------------------------------------------- what if

function outputs() {
  for (const input of at("if").querySelectorAll("input")) put(input.parentElement.querySelector("output"), share(input.value / 100));
}

function settle() {
  const form = at("if");
  form.volume.value = form.handling.value = String(AS_IT_IS);
  if (state.base !== null) {
    form.shrinkage.value = String(Math.round(100 * state.base.assumptions.shrinkage));
    const first = state.base.assumptions.targets.find((one) => one.startsWith("P(wait>"));
    form.past_first.disabled = first === undefined;
    if (first !== undefined) form.past_first.value = String(Math.round(100 * Number(first.split("<=")[1])));
  }
  for (const input of form.querySelectorAll("input")) input.dataset.touched = "no";
  outputs();
}

function whatIf() {
  const { plan, base } = state;
  if (base === null || plan === base) {
    if (!Object.keys(tried()).length) settle();
    put(at("if-says"), "");
    return;
  }
  const hours = (one) => one.days.reduce((total, day) => total + (day.agent_hours ?? 0), 0);
  const rostered = (one) => one.rows.reduce((total, row) => total + row.rostered, 0) * (one.interval_s / 3600);
  const more = hours(plan) - hours(base);
  put(at("if-says"), t("if_says", {
    after: whole(hours(plan)), before: whole(hours(base)), more: `${more >= 0 ? "+" : "−"}${whole(Math.abs(more))}`,
    roster_after: whole(rostered(plan)), roster_before: whole(rostered(base)),
  }));
}

// ---------------------------------------------------------------- beginning

function denied(error) {
  if (!(error instanceof Refusal) || ![401, 403].includes(error.status)) return false;
  login(token.get() === null ? "" : t(error.status === 403 ? "token_may_not_read" : "token_unknown"));
  return true;
}

function login(why) {
  token.drop();
  put(at("login-why"), why);
  show(at("login"), true);
  show(at("main"), false);
  at("token").focus();
}

function fill(select, values, text, chosen) {
  const own = select.value || String(chosen);
  select.replaceChildren(...values.map((value) => h("option", { value: String(value) }, text(value))));
  select.value = own;
}

function choices(told) {
  fill(at("interval"), INTERVALS_MIN, (n) => t("minutes", { n }), INTERVALS_MIN.includes(told?.interval_min) ? told.interval_min : 30);
  const days = told?.horizon_days ?? 14;
  fill(at("horizon"), HORIZONS_DAYS, (n) => t("weeks", { n: n / 7 }), HORIZONS_DAYS.find((one) => one >= days) ?? HORIZONS_DAYS.at(-1));
  fill(at("queue"), state.known.map((_, index) => index), (index) => {
    const one = state.known[index];
    return one.channel === "pool" ? t("together", { queue: one.queue }) : one.queue;
  }, Math.max(0, state.known.findIndex((one) => one.queue === new URLSearchParams(location.search).get("queue"))));
}

async function begin() {
  if (document.body.dataset.access === "token" && token.get() === null) return login("");
  show(at("login"), false);
  show(at("main"), true);
  let told;
  try {
    told = await read("/v1/planner");
  } catch (error) {
    return denied(error) || say("no_plan", { why: error.message }, true);
  }
  state.known = told.queues;
  choices(told);
  for (const format of ["xlsx", "csv"]) at(format).disabled = !state.known.length;
  if (!state.known.length) return say("no_past", {}, true);
  return pick();
}

function pick() {
  const one = state.known[Number(at("queue").value)];
  place.site = one.site;
  place.queue = one.queue;
  const search = new URLSearchParams(location.search);
  search.set("queue", one.queue);
  history.replaceState(null, "", `?${search}`);
  return afresh();
}

function afresh() {
  state.base = null;
  settle();
  return ask();
}

function renew() {
  translate();
  document.title = `${t("planner")} · queuewatch`;
  if (state.known.length) choices();
  if (state.said !== null) say(...state.said);
  outputs();
  draw();
}

function wire() {
  at("queue").addEventListener("change", pick);
  for (const name of ["interval", "horizon"]) at(name).addEventListener("change", afresh);
  for (const format of ["xlsx", "csv"]) at(format).addEventListener("click", () => download(format));
  at("before").addEventListener("click", () => turn(-1));
  at("after").addEventListener("click", () => turn(1));
  onDay((day) => { state.day = day; drawWeek(state); });
  at("fields").addEventListener("click", ({ target }) => {
    if (!target.dataset.field) return;
    state.field = target.dataset.field;
    drawWeek(state);
    at("fields").querySelector("button[aria-pressed=true]").focus();
  });
  at("if").addEventListener("input", (event) => {
    event.target.dataset.touched = "yes";
    outputs();
  });
  at("if").addEventListener("change", ask);
  at("as-it-is").addEventListener("click", () => { settle(); ask(); });
  at("login").addEventListener("submit", (event) => {
    event.preventDefault();
    token.set(at("token").value.trim());
    at("token").value = "";
    begin();
  });
  let wide = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== wide) draw();
    wide = innerWidth;
  });
}

async function run() {
  await options.begin(renew, ["planner"]);
  renew();
  wire();
  await begin();
}

run();
