// One queue: who waits, how the waits went over the day, and a supervisor's word on the notice.

import { queuePath, read, send } from "/static/api.js";
import { drawDay } from "/static/chart.js";
import { h, put, set, show } from "/static/dom.js";
import * as tell from "/static/tell.js";
import { age, chance, clock, t } from "/static/words.js";

const LINE_EVERY_MS = 2000;
const DAY_EVERY_MS = 60_000;
const NAME = "queuewatch.name";
const LONGEST_LINE = 100; // rows; the rest is counted

export function make(root, place, may) {
  const parts = {
    summary: h("p", { class: "lead" }),
    why: h("p", { class: "why" }),
    help: h("p", { class: "help" }),
    notice: h("p", { class: "lead" }),
    said: h("p", { class: "said" }),
    failed: h("p", { class: "failed", role: "alert" }),
    lineHead: h("tr"),
    line: h("tbody"),
    more: h("p", { class: "soft" }),
    chart: h("div", { class: "chart", role: "img", "aria-label": t("day_chart") }),
    since: h("p", { class: "soft" }),
  };
  const link = h("a", { class: "button", href: `#/what-if/${encodeURIComponent(place.site)}/${encodeURIComponent(place.queue)}` }, t("try_other_staffing"));
  root.replaceChildren(
    h("h2", { tabIndex: -1 }, place.queue),
    parts.summary, parts.why, parts.help, h("p", {}, link),
    h("section", { class: "panel", "aria-label": t("notice") },
      h("h3", {}, t("notice")), parts.notice, parts.said, may("act") ? overrideForm(place, parts) : null),
    h("section", { class: "panel", "aria-label": t("in_line") },
      h("h3", {}, t("in_line")),
      h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("in_line") },
        h("table", {}, h("thead", {}, parts.lineHead), parts.line)),
      parts.more),
    h("section", { class: "panel", "aria-label": t("day_title") }, h("h3", {}, t("day_title")), parts.chart, parts.since),
  );
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
  every(DAY_EVERY_MS, quietly((signal) => drawChart(place, parts, signal)));
  return {
    draw: (view) => drawQueue(place, parts, view),
    stop: () => stop.abort(),
  };
}

function drawQueue(place, parts, view) {
  const queue = view.board.queues.find((one) => one.queue === place.queue && one.site === place.site);
  if (queue === undefined) return put(parts.summary, t("queue_gone"));
  const { reason, typical, kept } = tell.estimate(queue.next);
  const [there, states] = tell.agents(queue);
  const wait = reason ? `${t("no_estimate")}: ${reason}` : `${t("next_waits")}: ${typical}${kept ? `, ${t("nine_in_ten", { age: kept })}` : ""}`;
  put(parts.summary, [
    tell.channel(queue),
    `${t("waiting")}: ${queue.waiting}${queue.waiting ? ` (${tell.waiting(queue, view.waited)})` : ""}`,
    queue.at_risk ? t("losing_patience", { n: Math.round(queue.at_risk.resenting), soon: Math.round(queue.at_risk.leaving_soon) }) : "",
    `${t("agents")}: ${there} (${states})`,
    wait,
    t("data_old", { age: age(tell.secondsBetween(queue.heard_at, view.board.at) + view.age) }),
  ].filter(Boolean).join(" · "));
  put(parts.why, tell.why(queue));
  put(parts.help, tell.help(queue));
  put(parts.notice, tell.notice(queue, view.board.at, view.waited));
  put(parts.said, queue.notice.text ? t("we_say", { text: queue.notice.text }) : "");
  if (!parts.lineHead.children.length) {
    const over = tell.thresholds(queue).map((one) => t("over", { age: age(Number(one)) }));
    const titles = [t("place"), t("waited"), t("expected"), ...over];
    parts.lineHead.append(...titles.map((title) => h("th", { scope: "col" }, title)));
    parts.marks = tell.thresholds(queue).map(Number);
  }
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
    });
    while (row.cells.length > cells.length) row.deleteCell(-1);
  });
  const left = contacts.length - shown.length;
  put(parts.more, contacts.length === 0 ? t("nobody_waits") : left > 0 ? t("so_many_more", { n: left }) : "");
}

async function drawChart(place, parts, signal) {
  const day = await read(queuePath(place, "/history"), signal);
  const when = day.at.map((one) => Date.parse(one) / 1000);
  show(parts.chart, when.length > 1);
  put(parts.since, when.length > 1 ? t("day_since", { time: new Date(day.at[0]).toLocaleTimeString() }) : t("day_empty"));
  if (when.length < 2) return;
  await drawDay(parts.chart, when, [
    { label: t("line_kept"), colour: "calm", values: day.kept_s, dash: [4, 3] },
    { label: t("line_typical"), colour: "calm", values: day.typical_s, width: 3 },
    { label: t("line_oldest"), colour: "watch", values: day.oldest_s },
  ], Object.keys(day.chances).map(Number).sort((a, b) => a - b));
}

// Until when a word holds: the choices of the form.
function until(choice) {
  if (choice === "open") return null;
  const end = new Date();
  if (choice === "today") end.setHours(23, 59, 59, 0);
  else end.setMinutes(end.getMinutes() + Number(choice));
  return end.toISOString();
}

function overrideForm(place, parts) {
  const by = h("input", { id: "override-by", required: true, maxLength: 80, autocomplete: "name", value: localStorage.getItem(NAME) ?? "" });
  const span = h("select", { id: "override-until" },
    ...[["15", t("for_minutes", { n: 15 })], ["60", t("for_minutes", { n: 60 })], ["today", t("until_tonight")], ["open", t("until_further")]]
      .map(([value, text]) => h("option", { value }, text)));
  span.value = "60";
  const say = async (level, end) => {
    if (!by.reportValidity()) return;
    localStorage.setItem(NAME, by.value.trim());
    put(parts.failed, "");
    try {
      await send(queuePath(place, "/notice/override"), { level, by: by.value.trim(), until_at: end });
    } catch (error) {
      put(parts.failed, t("not_done", { why: error.message }));
    }
  };
  const act = (text, level, end) => h("button", { type: "button", onclick: () => say(level, end()) }, text);
  return h("form", { class: "override", onsubmit: (event) => event.preventDefault() },
    h("label", { htmlFor: "override-by" }, t("your_name")), by,
    h("label", { htmlFor: "override-until" }, t("how_long")), span,
    h("div", { class: "buttons" },
      act(t("say_busy"), "busy", () => until(span.value)),
      act(t("say_very_busy"), "very_busy", () => until(span.value)),
      act(t("say_normal"), "normal", () => until(span.value)),
      act(t("not_today"), "normal", () => until("today")),
      act(t("back_to_rules"), null, () => null)),
    parts.failed);
}
