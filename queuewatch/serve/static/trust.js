// Trust: how right the waits are that we tell, per queue and estimator, against what happened.

import { h, put, set, show } from "/static/dom.js";
import * as tell from "/static/tell.js";
import { age, number, share, t } from "/static/words.js";

const ASIDE = 0.1; // so far from what a range promises, and it is worth a look
const PROMISED = { coverage_80: 0.8, kept_90: 0.9 };

const percent = (value) => (value === null || value === undefined ? "?" : share(value));
const seconds = (value) => (value === null ? "?" : `${value < 0 ? "−" : ""}${age(Math.abs(value))}`);

function judged(value, promised) {
  return value === null ? "" : Math.abs(value - promised) > ASIDE ? "watch" : "";
}

// Ours first, then those nearest to what happened.
function ordered(estimates) {
  const last = (one) => Object.values(one.brier).at(-1) ?? 1;
  return [...estimates].sort((a, b) => Number(b.estimator === "live") - Number(a.estimator === "live") || last(a) - last(b));
}

export function make(root) {
  const list = h("div", { class: "trust" });
  root.replaceChildren(h("h2", { tabIndex: -1 }, t("trust")), h("p", { class: "soft" }, t("trust_lead")), list);
  const known = new Map();
  return { draw: ({ board }) => drawAll(list, known, board), stop: () => {} };
}

function drawAll(list, known, board) {
  if (board === null) return;
  const queues = [...board.queues].filter((one) => one.promises).sort((a, b) => a.queue.localeCompare(b.queue));
  for (const queue of queues) {
    const key = tell.keyOf(queue);
    if (!known.has(key)) known.set(key, newPanel(list, queue));
    drawQueue(known.get(key), queue);
  }
}

function newPanel(list, queue) {
  const limits = tell.thresholds(queue);
  const titles = [t("estimator"), t("waits_scored"), t("bias"), t("mean_error"), t("coverage"), t("kept"),
    ...limits.map((one) => `Brier ${age(Number(one))}`)];
  const panel = { lead: h("p", { class: "lead" }), body: h("tbody"), limits };
  panel.none = h("p", { class: "soft" }, t("too_few_to_judge"));
  panel.table = h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": queue.queue },
    h("table", {}, h("thead", {}, h("tr", {}, ...titles.map((one) => h("th", { scope: "col" }, one)))), panel.body));
  list.append(h("section", { class: "panel", "aria-label": queue.queue },
    h("h3", {}, h("a", { href: tell.linkOf(queue) }, queue.queue)), panel.lead,
    panel.table, panel.none));
  return panel;
}

function drawQueue(panel, { promises }) {
  put(panel.lead, [
    t("told_today", { n: promises.told_today, kept: percent(promises.kept_share_today) }),
    t("waits_today", { n: promises.waits_today, kept: percent(promises.held_share_today) }),
  ].join(" · "));
  const shown = ordered(promises.estimates).filter((one) => one.enough);
  show(panel.none, shown.length === 0);
  show(panel.table, shown.length > 0);
  while (panel.body.rows.length > shown.length) panel.body.deleteRow(-1);
  shown.forEach((one, index) => {
    const row = panel.body.rows[index] ?? panel.body.insertRow();
    const cells = [
      [one.estimator === "live" ? t("ours") : one.estimator.replaceAll("_", " ")],
      [number(Math.round(one.contacts))], [seconds(one.bias_s)], [seconds(one.mae_s)],
      [percent(one.coverage_80), judged(one.coverage_80, PROMISED.coverage_80)],
      [percent(one.kept_90), judged(one.kept_90, PROMISED.kept_90)],
      ...panel.limits.map((limit) => [one.brier[limit] === undefined ? "?" : one.brier[limit].toFixed(3)]),
    ];
    set(row, "ours", one.estimator === "live" ? "yes" : "no");
    cells.forEach(([text, band], at) => {
      const cell = row.cells[at] ?? row.insertCell();
      put(cell, text);
      set(cell, "band", band ?? "");
    });
  });
}
