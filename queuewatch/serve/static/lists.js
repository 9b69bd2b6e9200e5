// Lists that people work through: whom to call back, and the vouchers; what may be done depends on the token.

import { actor } from "/static/acting.js";
import { read, send } from "/static/api.js";
import { h, put, set } from "/static/dom.js";
import { now } from "/static/now.js";
import { age, has, t, timeOfDay } from "/static/words.js";

const EVERY_MS = 5000;
const DAY_MS = 86_400_000;
const MOST = 200; // rows

const named = (family, name) => (has(`${family}_${name}`) ? t(`${family}_${name}`) : name.replaceAll("_", " "));
const since = () => encodeURIComponent(new Date(now() - DAY_MS).toISOString());

function money(value, currency) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency }).format(Number(value));
}

function worth(one) {
  if (one.amount !== null && one.currency !== null) return money(one.amount, one.currency);
  if (one.percent !== null) return `${one.percent} %`;
  return one.text[document.documentElement.lang] ?? Object.values(one.text)[0] ?? "";
}

// A list: its tabs, what stands in them, its columns, and what may be done with a row.
const CALLBACKS = {
  title: "callbacks",
  load: () => read(`/v1/abandoned?since=${since()}`),
  rows: (told) => told.callbacks,
  lead: () => "",
  tabs: [
    { title: "callbacks", belongs: () => true, empty: "nobody_to_call" },
  ],
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
  // Those of the last day; and whom to ask how it went, whose vouchers are days old by then.
  load: async () => {
    const [day, due] = await Promise.all([read(`/v1/incentives?since=${since()}`), read("/v1/incentives?follow_up=due")]);
    return { ...day, incentives: [...day.incentives, ...due.incentives.filter((one) => !isRecent(one))] };
  },
  rows: (told) => told.incentives,
  lead: (told) => Object.entries(told.outstanding).map(([currency, value]) => t("vouchers_lead", {
    n: told.incentives.filter((one) => one.state !== "refused" && isRecent(one)).length, value: money(value, currency) })).join(", "),
  tabs: [
    { title: "tab_issued", belongs: (one) => one.state !== "refused" && isRecent(one), empty: "no_voucher_here" },
    { title: "tab_due", belongs: (one) => one.follow_up === "due", empty: "no_voucher_here" },
    { title: "tab_refused", belongs: (one) => one.state === "refused", empty: "no_voucher_here" },
  ],
  columns: [
    ["when", (one) => (isRecent(one) ? timeOfDay(one.at) : dayOf(one.at))],
    ["queue", (one) => one.queue],
    ["worth", worth],
    ["why", (one) => named("reason", one.why) + (one.wait_s === null ? "" : ` (${age(one.wait_s)})`)],
    ["decided_by", (one) => (one.decided_by === `rule ${one.rule}` ? t("by_rule", { name: one.rule }) : one.decided_by)],
    ["state", (one) => [named("voucher", one.state), one.moved_by].filter(Boolean).join(", ")],
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

const isRecent = (one) => new Date(one.at).getTime() >= now() - DAY_MS;
const dayOf = (at) => new Date(at).toLocaleDateString(document.documentElement.lang);
const callbackPath = (one) => `/v1/callbacks/${encodeURIComponent(one.callback)}`;

class List {
  constructor(kind, root, who) {
    this.kind = kind;
    this.acting = who.may("act") ? actor("list-by", who) : null;
    this.chosen = 0;
    this.told = null;
    this.lead = h("p", { class: "lead" });
    this.failed = h("p", { class: "failed", role: "alert" });
    this.body = h("tbody");
    this.none = h("p", { class: "soft" });
    this.tabs = kind.tabs.map((_, index) => h("button", { type: "button", onclick: () => this.choose(index) }));
    const titles = [...kind.columns.map(([name]) => t(name)), ...(this.acting ? [t("acts")] : [])];
    const table = h("table", { class: "cards" }, h("thead", {}, h("tr", {}, ...titles.map((one) => h("th", { scope: "col" }, one)))), this.body);
    root.replaceChildren(
      h("h2", { tabIndex: -1 }, t(kind.title)), this.lead,
      h("div", { class: "tabs", role: "group", "aria-label": t(kind.title), hidden: this.tabs.length < 2 }, ...this.tabs),
      ...(this.acting ? [h("div", { class: "picker" }, ...this.acting.parts)] : []),
      this.failed,
      h("div", { class: "panel scroll", tabIndex: 0, role: "region", "aria-label": t(kind.title) }, table, this.none));
    this.timer = setInterval(() => this.refresh(), EVERY_MS);
    this.draw();
    this.refresh();
  }

  choose(index) {
    this.chosen = index;
    this.draw();
  }

  async refresh() {
    this.told = await this.kind.load().catch(() => this.told); // the connection's state is told on every view
    this.draw();
  }

  draw() {
    const { kind, told, body } = this;
    const all = told === null ? [] : kind.rows(told);
    kind.tabs.forEach(({ title, belongs }, index) => {
      put(this.tabs[index], t(title, { n: all.filter(belongs).length }));
      this.tabs[index].setAttribute("aria-pressed", String(index === this.chosen));
    });
    const { belongs, empty } = kind.tabs[this.chosen];
    const rows = all.filter(belongs).slice(0, MOST);
    put(this.lead, told === null ? "" : kind.lead(told));
    put(this.none, rows.length || told === null ? "" : t(empty));
    const known = new Map([...body.rows].map((row) => [row.dataset.key, row]));
    const shown = rows.map((one) => {
      const row = known.get(kind.key(one)) ?? this.newRow(one);
      kind.columns.forEach(([, text], at) => put(row.cells[at], text(one)));
      return row;
    });
    // An unchanged list is left alone, so that whoever stands on a button keeps standing there.
    if (shown.length !== body.rows.length || shown.some((row, at) => body.rows[at] !== row)) body.replaceChildren(...shown);
  }

  newRow(one) {
    const row = h("tr", { data: { key: this.kind.key(one) } }, ...this.kind.columns.map(([name]) => h("td", { data: { label: t(name) } })));
    if (this.acting === null) return row;
    const act = async (path) => {
      const by = this.acting.by();
      if (by === null) return;
      put(this.failed, "");
      await send(path, { by }).catch((error) => put(this.failed, t("not_done", { why: error.message })));
      await this.refresh();
    };
    const buttons = this.kind.acts(one).map(([name, path]) => h("button", { type: "button", onclick: () => act(path) }, t(name)));
    const cell = h("td", {}, h("div", { class: "acts" }, ...buttons));
    set(cell, "empty", buttons.length ? "no" : "yes");
    row.append(cell);
    return row;
  }
}

function make(kind, root, who) {
  const list = new List(kind, root, who);
  return { draw: () => {}, stop: () => clearInterval(list.timer) };
}

export const callbacks = { make: (root, _place, who) => make(CALLBACKS, root, who) };
export const incentives = { make: (root, _place, who) => make(INCENTIVES, root, who) };
