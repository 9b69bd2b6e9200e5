// Lists that people work through: whom to call back, and the vouchers; what may be done depends on the token.

import { read, send } from "/static/api.js";
import { h, put } from "/static/dom.js";
import { age, has, t, timeOfDay } from "/static/words.js";

const EVERY_MS = 5000;
const NAME = "queuewatch.name";
const DAY_MS = 86_400_000;
const MOST = 200; // rows

const named = (family, name) => (has(`${family}_${name}`) ? t(`${family}_${name}`) : name.replaceAll("_", " "));
const since = () => encodeURIComponent(new Date(Date.now() - DAY_MS).toISOString());

function money(value, currency) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency }).format(Number(value));
}

function worth(one) {
  if (one.amount !== null && one.currency !== null) return money(one.amount, one.currency);
  if (one.percent !== null) return `${one.percent} %`;
  return one.text[document.documentElement.lang] ?? Object.values(one.text)[0] ?? "";
}

// A list: its rows, their columns, and what may be done with a row.
const CALLBACKS = {
  title: "callbacks",
  empty: "nobody_to_call",
  path: () => `/v1/abandoned?since=${since()}`,
  rows: (told) => told.callbacks,
  lead: () => "",
  columns: [
    ["queue", (one) => one.queue],
    ["waited", (one) => age(one.waited_s)],
    ["tries", (one) => String(one.tries)],
    ["lost_at", (one) => timeOfDay(one.lost_at)],
    ["why", (one) => named("lost", one.why)],
    ["state", (one) => [one.in_line ? t("waits_again") : named("callback", one.state), one.by].filter(Boolean).join(", ")],
    ["contact", (one) => one.contact],
  ],
  key: (one) => `${one.site} ${one.callback} ${one.state}`,
  acts: (one) => (one.state === "claimed"
    ? [["act_done", `${callbackPath(one)}/done`], ["act_failed", `${callbackPath(one)}/failed`]]
    : one.state === "done" ? [] : [["act_claim", `${callbackPath(one)}/claim`]])
    .map(([name, path]) => [name, `${path}?site=${encodeURIComponent(one.site)}`]),
};

const INCENTIVES = {
  title: "incentives",
  empty: "no_vouchers",
  path: () => `/v1/incentives?since=${since()}`,
  rows: (told) => told.incentives,
  lead: (told) => Object.entries(told.outstanding).map(([currency, value]) => t("outstanding", { value: money(value, currency) })).join(", "),
  columns: [
    ["when", (one) => timeOfDay(one.at)],
    ["queue", (one) => one.queue],
    ["worth", worth],
    ["state", (one) => named("voucher", one.state)],
    ["why", (one) => named("why_voucher", one.why)],
    ["waited", (one) => (one.wait_s === null ? "" : age(one.wait_s))],
    ["decided_by", (one) => one.decided_by],
    ["code", (one) => one.code ?? ""],
  ],
  key: (one) => `${one.key} ${one.state} ${one.follow_up}`,
  acts: (one) => {
    if (one.code === null) return [];
    const path = `/v1/incentives/${encodeURIComponent(one.code)}`;
    const acts = one.state === "open" ? [["act_redeem", `${path}/redeem`], ["act_revoke", `${path}/revoke`]] : [];
    return one.follow_up === "due" ? [...acts, ["act_follow_up", `${path}/follow-up`]] : acts;
  },
};

const callbackPath = (one) => `/v1/callbacks/${encodeURIComponent(one.callback)}`;

function make(kind, root, may) {
  const parts = {
    lead: h("p", { class: "lead" }),
    failed: h("p", { class: "failed", role: "alert" }),
    body: h("tbody"),
    none: h("p", { class: "soft" }),
    by: h("input", { id: "list-by", maxLength: 80, autocomplete: "name", value: localStorage.getItem(NAME) ?? "" }),
  };
  const titles = [...kind.columns.map(([name]) => h("th", { scope: "col" }, t(name))), may("act") ? h("td") : null];
  const table = h("table", {}, h("thead", {}, h("tr", {}, ...titles.filter(Boolean))), parts.body);
  root.replaceChildren(
    h("h2", { tabIndex: -1 }, t(kind.title)), parts.lead,
    ...(may("act") ? [h("p", { class: "picker" }, h("label", { htmlFor: "list-by" }, t("your_name")), parts.by)] : []),
    parts.failed,
    h("div", { class: "panel scroll", tabIndex: 0, role: "region", "aria-label": t(kind.title) }, table, parts.none));
  const refresh = () => read(kind.path()).then((told) => draw(kind, parts, told, may, refresh)).catch(() => {});
  const timer = setInterval(refresh, EVERY_MS);
  refresh();
  return { draw: () => {}, stop: () => clearInterval(timer) };
}

function draw(kind, parts, told, may, refresh) {
  const rows = kind.rows(told).slice(0, MOST);
  put(parts.lead, kind.lead(told));
  put(parts.none, rows.length ? "" : t(kind.empty));
  const known = new Map([...parts.body.rows].map((row) => [row.dataset.key, row]));
  const shown = rows.map((one) => {
    const row = known.get(kind.key(one)) ?? newRow(kind, one, parts, may, refresh);
    kind.columns.forEach(([, text], at) => put(row.cells[at], text(one)));
    return row;
  });
  // An unchanged list is left alone, so that whoever stands on a button keeps standing there.
  if (shown.length !== parts.body.rows.length || shown.some((row, at) => parts.body.rows[at] !== row)) parts.body.replaceChildren(...shown);
}

function newRow(kind, one, parts, may, refresh) {
  const row = h("tr", { data: { key: kind.key(one) } }, ...kind.columns.map(() => h("td")));
  if (!may("act")) return row;
  const act = async (path) => {
    localStorage.setItem(NAME, parts.by.value.trim());
    put(parts.failed, "");
    await send(path, { by: parts.by.value.trim() }).catch((error) => put(parts.failed, t("not_done", { why: error.message })));
    await refresh();
  };
  row.append(h("td", { class: "acts" }, ...kind.acts(one).map(([name, path]) =>
    h("button", { type: "button", onclick: () => act(path) }, t(name)))));
  return row;
}

export const callbacks = { make: (root, _place, may) => make(CALLBACKS, root, may) };
export const incentives = { make: (root, _place, may) => make(INCENTIVES, root, may) };
