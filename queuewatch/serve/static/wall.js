// The wall: queues in trouble on top, large, with the reason and what helps; the calm ones below, small.

import { at, h, keyed, put, set, show } from "/static/dom.js";
import { fit } from "/static/fit.js";
import * as tell from "/static/tell.js";
import { age, t } from "/static/words.js";

let troubled = new Map();
let calm = new Map();

const SHORT = 20; // letters, which have room in two lines
const SMALLEST = 0.5;

// By how much a long name is smaller, so that it takes hardly more room than a short one: nothing of it is cut off.
const shrunk = (name) => Math.max(SMALLEST, Math.min(1, Math.sqrt(SHORT / [...name].length))).toFixed(2);

function figure(name, label) {
  const parts = { big: h("dd", { class: "big" }), small: h("dd", { class: "small" }), label: h("dt", {}, label) };
  return { ...parts, element: h("div", { class: `figure ${name}` }, parts.label, parts.big, parts.small) };
}

export function newCard(queue) {
  const link = h("a", { href: tell.linkOf(queue) }, queue.queue);
  link.style.setProperty("--long", shrunk(queue.queue));
  const card = {
    kind: h("p", { class: "kind" }),
    chances: [figure("chance", ""), figure("chance", "")],
    wait: figure("wait", t("next_waits")),
    waiting: figure("waiting", t("waiting")),
    agents: figure("agents", t("agents")),
    why: h("p", { class: "why" }),
    help: h("a", { class: "help", href: tell.whatIfOf(queue) }),
    said: h("p", { class: "said" }),
  };
  const figures = [...card.chances, card.wait, card.waiting, card.agents].map((one) => one.element);
  card.element = h("li", { class: "queue" },
    h("div", { class: "head" }, h("h3", { class: "name" }, link), card.kind),
    h("dl", { class: "figures" }, ...figures),
    h("div", { class: "words" }, card.why, card.help, card.said));
  return card;
}

// A figure; null is unknown, and says so in words: it must never look like a nought.
function fill(figure, big, small = "", known = big === null ? "no" : "yes") {
  put(figure.big, big ?? t("unknown"));
  put(figure.small, small);
  set(figure.element, "known", known);
}

function drawChances(card, queue, reason) {
  const all = tell.thresholds(queue);
  card.chances.forEach((one, index) => {
    const threshold = all[index];
    show(one.element, threshold !== undefined);
    if (threshold === undefined) return;
    const value = reason ? undefined : queue.next.chances[threshold];
    set(one.element, "band", tell.band(value));
    put(one.label, t("over", { age: age(Number(threshold)) }));
    fill(one, value === undefined ? null : tell.chance(value));
  });
}

export function drawCard(card, queue, { board, waited, lost, age: old }) {
  const { reason, typical, kept } = tell.estimate(queue.next);
  const dataAge = tell.secondsBetween(queue.heard_at, board.at) + old;
  set(card.element, "level", tell.severity(queue));
  set(card.element, "state", lost ? "lost" : queue.state);
  const kind = [tell.channel(queue)];
  if (queue.notice.level !== "normal" || queue.notice.by) kind.push(tell.notice(queue, board.at, waited));
  if (lost || queue.state === "stale") kind.push(t("data_old", { age: age(dataAge) }));
  put(card.kind, kind.join(" · "));
  drawChances(card, queue, reason);
  if (tell.unattended(queue)) fill(card.wait, t("nobody"), reason, "nobody");
  else fill(card.wait, reason ? null : typical, reason || (kept ? t("nine_in_ten", { age: kept }) : ""));
  fill(card.waiting, String(queue.waiting), tell.oldest(queue, waited));
  fill(card.agents, ...tell.fewAgents(queue));
  put(card.why, tell.why(queue));
  put(card.help, tell.help(queue));
  set(card.help, "known", queue.trouble?.agents ? "yes" : "no");
  put(card.said, queue.notice.text ? t("we_say", { text: queue.notice.text }) : "");
}

export function draw(view) {
  const queues = tell.sortedByTrouble(view.board.queues);
  const bad = queues.filter(tell.inTrouble);
  const good = queues.filter((queue) => !tell.inTrouble(queue));
  const known = new Map([...calm, ...troubled]);
  const focused = document.activeElement;
  troubled = keyed(at("troubled"), bad, known, tell.keyOf, newCard);
  calm = keyed(at("calm"), good, known, tell.keyOf, newCard);
  for (const [key, card] of known) if (!troubled.has(key) && !calm.has(key)) card.element.remove();
  for (const queue of queues) drawCard(troubled.get(tell.keyOf(queue)) ?? calm.get(tell.keyOf(queue)), queue, view);
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
  show(at("troubled"), bad.length > 0);
  show(at("calm"), good.length > 0);
  show(at("columns"), queues.length > 0);
  show(at("empty"), queues.length === 0);
  fit(bad.length, good.length);
}

// After a change of language every card is made anew.
export function renew() {
  for (const card of [...calm.values(), ...troubled.values()]) card.element.remove();
  calm = new Map();
  troubled = new Map();
}
