// One queue: how it stands, who waits, how the day went, and a supervisor's word on the notice.

import { actor } from "/static/acting.js";
import { queuePath, read, send } from "/static/api.js";
import { drawDay, newDay } from "/static/day.js";
import { h, put, set } from "/static/dom.js";
import { now } from "/static/now.js";
import * as tell from "/static/tell.js";
import { drawCard, newCard } from "/static/wall.js";
import { age, chance, clock, t } from "/static/words.js";

const LINE_EVERY_MS = 2000;
const DAY_EVERY_MS = 30_000;
const LONGEST_LINE = 100; // rows; the rest is counted

export function make(root, place, who) {
  const parts = {
    gone: h("p", { class: "lead" }),
    card: null,
    cards: h("ul", { class: "queues one", role: "list" }),
    more: h("p", { class: "soft" }),
    notice: h("p", { class: "lead" }),
    said: h("p", { class: "said" }),
    failed: h("p", { class: "failed", role: "alert" }),
    lineHead: h("tr"),
    line: h("tbody"),
    rest: h("p", { class: "soft" }),
    day: newDay(),
    titles: [],
  };
  const link = h("a", { class: "button", href: tell.whatIfOf(place) }, t("try_other_staffing"));
  root.replaceChildren(
    h("h2", { tabIndex: -1 }, place.queue),
    parts.gone, parts.cards, parts.more, h("p", {}, link),
    h("div", { class: "halves" },
      h("section", { class: "panel", "aria-label": t("in_line") },
        h("h3", {}, t("in_line")),
        h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("in_line") },
          h("table", { class: "cards" }, h("thead", {}, parts.lineHead), parts.line)),
        parts.rest),
      h("section", { class: "panel", "aria-label": t("notice") },
        h("h3", {}, t("notice")), parts.notice, parts.said, who.may("act") ? overrideForm(place, parts, who) : null)),
    parts.day.element);
  return live(place, parts);
}

function live(place, parts) {
  const stop = new AbortController();
  const every = (ms, act) => {
    const timer = setInterval(act, ms);
    stop.signal.addEventListener("abort", () => clearInterval(timer));
    act();
  };
  const quietly = (act) => () => act(stop.signal).catch(() => {}); // the connection's state is told on every view
  every(LINE_EVERY_MS, quietly((signal) => drawLine(place, parts, signal)));
  every(DAY_EVERY_MS, quietly((signal) => drawDay(parts.day, place, signal)));
  return {
    draw: (view) => drawQueue(place, parts, view),
    stop: () => stop.abort(),
  };
}

function drawQueue(place, parts, view) {
  const queue = view.board.queues.find((one) => one.queue === place.queue && one.site === place.site);
  put(parts.gone, queue === undefined ? t("queue_gone") : "");
  if (queue === undefined) return;
  if (parts.card === null) {
    parts.card = newCard(queue);
    parts.cards.append(parts.card.element);
    parts.titles = [t("place"), t("waited"), t("expected"), ...tell.thresholds(queue).map((one) => t("over", { age: age(Number(one)) }))];
    parts.lineHead.append(...parts.titles.map((title) => h("th", { scope: "col" }, title)));
  }
  drawCard(parts.card, queue, view);
  const [there, states] = tell.agents(queue);
  put(parts.more, [
    `${t("agents")}: ${there === null ? states : `${there} (${states})`}`,
    queue.waiting ? `${t("waiting")}: ${queue.waiting} (${tell.waiting(queue, view.waited)})` : "",
    queue.at_risk ? t("losing_patience", { n: Math.round(queue.at_risk.resenting), soon: Math.round(queue.at_risk.leaving_soon) }) : "",
    t("data_old", { age: age(tell.secondsBetween(queue.heard_at, view.board.at) + view.age) }),
  ].filter(Boolean).join(" · "));
  put(parts.notice, tell.notice(queue, view.board.at, view.waited));
  put(parts.said, queue.notice.text ? t("we_say", { text: queue.notice.text }) : "");
}

async function drawLine(place, parts, signal) {
  const { contacts } = await read(queuePath(place, "/contacts"), signal);
  const shown = contacts.slice(0, LONGEST_LINE);
  while (parts.line.rows.length > shown.length) parts.line.deleteRow(-1);
  shown.forEach(({ wait }, index) => {
    const row = parts.line.rows[index] ?? parts.line.insertRow();
    const { reason, typical, kept } = tell.estimate(wait);
    const chances = Object.entries(wait.chances).sort(([a], [b]) => a - b);
    const cells = [[String(wait.place)], [clock(wait.waited_s)], [reason || `${typical}${kept ? ` (${t("nine_in_ten", { age: kept })})` : ""}`],
      ...chances.map(([, value]) => [chance(value), tell.band(value)])];
    cells.forEach(([text, band], at) => {
      const cell = row.cells[at] ?? row.insertCell();
      put(cell, text);
      set(cell, "band", band ?? "");
      set(cell, "label", parts.titles[at] ?? "");
    });
    while (row.cells.length > cells.length) row.deleteCell(-1);
  });
  const left = contacts.length - shown.length;
  put(parts.rest, contacts.length === 0 ? t("nobody_waits") : left > 0 ? t("so_many_more", { n: left }) : "");
}

// Until when a word holds: the choices of the form.
function until(choice) {
  if (choice === "open") return null;
  const end = new Date(now());
  if (choice === "today") end.setHours(23, 59, 59, 0);
  else end.setMinutes(end.getMinutes() + Number(choice));
  return end.toISOString();
}

function overrideForm(place, parts, who) {
  const acting = actor("override-by", who);
  const span = h("select", { id: "override-until" },
    ...[["15", t("for_minutes", { n: 15 })], ["60", t("for_minutes", { n: 60 })], ["today", t("until_tonight")], ["open", t("until_further")]]
      .map(([value, text]) => h("option", { value }, text)));
  span.value = "60";
  const say = async (level, end) => {
    const by = acting.by();
    if (by === null) return;
    put(parts.failed, "");
    try {
      await send(queuePath(place, "/notice/override"), { level, by, until_at: end });
    } catch (error) {
      put(parts.failed, t("not_done", { why: error.message }));
    }
  };
  const act = (text, level, end) => h("button", { type: "button", onclick: () => say(level, end()) }, text);
  return h("form", { class: "override", onsubmit: (event) => event.preventDefault() },
    ...acting.parts,
    h("label", { htmlFor: "override-until" }, t("how_long")), span,
    h("div", { class: "buttons" },
      act(t("say_busy"), "busy", () => until(span.value)),
      act(t("say_very_busy"), "very_busy", () => until(span.value)),
      act(t("say_normal"), "normal", () => until(span.value)),
      act(t("not_today"), "normal", () => until("today")),
      act(t("back_to_rules"), null, () => null)),
    parts.failed);
}
