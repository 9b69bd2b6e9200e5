// Trust: how right the waits are that we tell, per queue and estimator, against what happened.

import { h, put, set, show } from "/static/dom.js";
import * as tell from "/static/tell.js";
import { age, number, score, share, t } from "/static/words.js";

const ASIDE = 0.1; // so far from what a range promises, and it is worth a look
const PROMISED = { coverage_80: 0.8, kept_90: 0.9 };
const FEW = 10; // fewer than so many say little

const percent = (value) => (value === null || value === undefined ? t("unknown") : share(value));
const seconds = (value) => (value === null ? t("unknown") : `${value < 0 ? "−" : ""}${age(Math.abs(value))}`);

function judged(value, promised) {
  return value === null ? "" : Math.abs(value - promised) > ASIDE ? "watch" : "";
}

// Less than promised is worth a look; more is not.
const short = (value, of) => (value !== null && of >= FEW && value < PROMISED.kept_90 - ASIDE ? "watch" : "");

const decided = (one) => one.kept_today + one.broken_today;

// Ours first, then those nearest to what happened.
function ordered(estimates) {
  const last = (one) => Object.values(one.brier).at(-1) ?? 1;
  return [...estimates].sort((a, b) => Number(b.estimator === "live") - Number(a.estimator === "live") || last(a) - last(b));
}

const scored = (promises) => ordered(promises.estimates).filter((one) => one.enough);

// Those of which most is known first, so that nobody looks at empty queues.
function byWeight(queues) {
  const weight = ({ promises }) => [decided(promises), scored(promises).length ? 1 : 0, promises.waits_today, promises.told_today];
  return queues.filter((one) => one.promises).map((one) => [one, weight(one)]).sort(([one, a], [other, b]) => {
    const differing = a.findIndex((value, at) => value !== b[at]);
    return differing < 0 ? one.queue.localeCompare(other.queue) : b[differing] - a[differing];
  }).map(([one]) => one);
}

// One sentence on all queues: what was told and kept; where nothing was told, what would have held.
function headline(queues) {
  const sum = (of) => queues.reduce((total, { promises }) => total + of(promises), 0);
  const [kept, all] = [sum((one) => one.kept_today), sum(decided)];
  if (all > 0) return t("trust_kept", { share: share(kept / all), n: all, goal: share(PROMISED.kept_90) });
  const waits = sum((one) => one.waits_today);
  if (waits === 0) return t("trust_nothing");
  return t("trust_held", { n: waits, share: share(sum((one) => one.waits_today * (one.held_share_today ?? 0)) / waits), goal: share(PROMISED.kept_90) });
}

export function make(root) {
  const page = {
    headline: h("p", { class: "headline" }),
    body: h("tbody"),
    list: h("div", { class: "trust" }),
    panels: new Map(),
  };
  const titles = [t("queue"), t("told"), t("kept_of_told"), t("waits_ended"), t("within_nine"), t("bias")];
  root.replaceChildren(
    h("h2", { tabIndex: -1 }, t("trust")), page.headline,
    h("div", { class: "panel scroll", tabIndex: 0, role: "region", "aria-label": t("today") },
      h("h3", {}, t("today")),
      h("table", { class: "cards" }, h("thead", {}, h("tr", {}, ...titles.map((one) => h("th", { scope: "col" }, one)))), page.body)),
    h("h3", {}, t("trust_beside")), h("p", { class: "soft" }, t("trust_lead")), page.list);
  page.titles = titles;
  return { draw: ({ board }) => drawAll(page, board), stop: () => {} };
}

function drawAll(page, board) {
  if (board === null) return;
  const queues = byWeight(board.queues);
  put(page.headline, headline(queues));
  drawToday(page, queues);
  const spoken = queues.filter((one) => scored(one.promises).length);
  for (const queue of spoken) {
    const key = tell.keyOf(queue);
    if (!page.panels.has(key)) page.panels.set(key, newPanel(page.list, queue));
    drawQueue(page.panels.get(key), queue);
  }
  if (!spoken.length && !page.list.children.length) page.list.append(h("p", { class: "soft" }, t("too_few_to_judge")));
  else if (spoken.length) for (const none of page.list.querySelectorAll(":scope > p")) none.remove();
}

function drawToday(page, queues) {
  while (page.body.rows.length > queues.length) page.body.deleteRow(-1);
  queues.forEach((queue, index) => {
    const { promises } = queue;
    const ours = promises.estimates.find((one) => one.estimator === "live" && one.enough);
    const none = t("none_so_far");
    fillRow(page.body.rows[index] ?? page.body.insertRow(), page.titles, [
      [queue.queue],
      [promises.told_today ? number(promises.told_today) : none],
      [promises.kept_share_today === null ? none : t("kept_of", { share: share(promises.kept_share_today), n: decided(promises) }),
        short(promises.kept_share_today, decided(promises))],
      [promises.waits_today ? number(promises.waits_today) : none],
      [promises.held_share_today === null ? none : share(promises.held_share_today), short(promises.held_share_today, promises.waits_today)],
      [ours ? seconds(ours.bias_s) : t("too_few")],
    ]);
  });
}

function fillRow(row, titles, cells) {
  cells.forEach(([text, band], at) => {
    const cell = row.cells[at] ?? row.insertCell();
    put(cell, text);
    set(cell, "band", band ?? "");
    set(cell, "label", titles[at]);
  });
}

function newPanel(list, queue) {
  const limits = tell.thresholds(queue);
  const titles = [t("estimator"), t("waits_scored"), t("bias"), t("mean_error"), t("coverage"), t("kept"),
    ...limits.map((one) => `Brier ${age(Number(one))}`)];
  const panel = { body: h("tbody"), limits, titles };
  list.append(h("section", { class: "panel", "aria-label": queue.queue },
    h("h3", {}, h("a", { href: tell.linkOf(queue) }, queue.queue)),
    h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": queue.queue },
      h("table", { class: "cards" }, h("thead", {}, h("tr", {}, ...titles.map((one) => h("th", { scope: "col" }, one)))), panel.body))));
  return panel;
}

function drawQueue(panel, { promises }) {
  const shown = scored(promises);
  while (panel.body.rows.length > shown.length) panel.body.deleteRow(-1);
  shown.forEach((one, index) => {
    const row = panel.body.rows[index] ?? panel.body.insertRow();
    set(row, "ours", one.estimator === "live" ? "yes" : "no");
    fillRow(row, panel.titles, [
      [one.estimator === "live" ? t("ours") : one.estimator.replaceAll("_", " ")],
      [number(Math.round(one.contacts))], [seconds(one.bias_s)], [seconds(one.mae_s)],
      [one.coverage_80 === null ? t("no_range") : percent(one.coverage_80), judged(one.coverage_80, PROMISED.coverage_80)],
      [percent(one.kept_90), judged(one.kept_90, PROMISED.kept_90)],
      ...panel.limits.map((limit) => [one.brier[limit] === undefined ? t("unknown") : score(one.brier[limit])]),
    ]);
  });
}
