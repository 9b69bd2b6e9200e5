// Makes the wall fit its screen: first by smaller rows; in kiosk mode, where nobody scrolls, what still does not fit
// takes turns. Those in trouble go before: while they fill the screen, the calm ones are only counted.

import { at, put, set, show } from "/static/dom.js";
import { t } from "/static/words.js";

const DENSITIES = ["large", "roomy", "low", "middle", "snug", "tight", "high"];
const FEW = 4; // queues; of more, the rows are never as large as that
const LARGER = [1.3, 1.2, 1.1, 1];
const TURN_MS = 10_000; // so long a page of queues stands
const TILES_FROM = 9; // so many calm queues and more stand side by side
const MANY = 60; // rows: no use in trying the roomier ones
const ROOM = 2; // pixels that rounding may take

let shape = "";
let step = 0;
let zoom = 1;
let turn = 0;
let turnedAt = 0;
let paged = null; // { list, each, also }: so many queues of a list at a time

const kiosk = () => document.body.dataset.kiosk === "yes";
// Asked for only when it changes: to ask is to have the page laid out.
const screen = { size: "", high: 0, phone: false };

function measure() {
  screen.size = `${innerWidth} ${innerHeight}`;
  screen.high = innerHeight;
  screen.phone = matchMedia("(max-width: 1100px)").matches;
}

addEventListener("resize", measure);
measure();

const scrolls = () => screen.phone && !kiosk(); // on a phone everybody does
const overflows = () => document.documentElement.scrollHeight > screen.high + ROOM;

function dense(next, calm) {
  step = next;
  set(document.body, "density", DENSITIES[step]);
  set(at("calm"), "tiles", calm >= TILES_FROM || step === DENSITIES.length - 1 ? "yes" : "no");
}

// The densest rows leave room where there are not that many of them; they take it. Says whether it is enough.
function larger(size) {
  zoom = size;
  for (const list of [at("columns"), at("troubled"), at("calm")]) list.style.zoom = zoom;
  return !overflows();
}

// Rows are made roomy again only when there are more or fewer, so that a longer text does not make them dance.
export function fit(troubled, calm) {
  if (scrolls()) return leave(calm);
  const now = [troubled, calm, screen.size, document.documentElement.lang].join(" ");
  const due = performance.now() - turnedAt > TURN_MS;
  const many = 3 * troubled + calm > MANY;
  const smallest = step === DENSITIES.length - 1 && zoom === 1;
  if (now === shape && (smallest || !overflows()) && !(paged && due)) return turnTo();
  if (now !== shape) dense(many ? DENSITIES.length - 1 : troubled + calm > FEW ? 1 : 0, calm);
  shape = now;
  if (zoom !== 1) larger(1);
  if (many && !kiosk()) return undefined; // it is scrolled
  unpage();
  while (step < DENSITIES.length - 1 && overflows()) dense(step + 1, calm);
  if (step === DENSITIES.length - 1 && !many) LARGER.some(larger);
  if (kiosk() && overflows()) page();
  return turnTo(due);
}

function leave(calm) {
  shape = "";
  if (zoom !== 1) larger(1);
  if (paged !== null) unpage();
  dense(1, calm);
}

// Whoever comes into trouble is seen at once, not when its turn comes.
export function first() {
  turn = 0;
  turnedAt = performance.now();
}

function unpage() {
  paged = null;
  show(at("turns"), false);
  for (const hidden of document.querySelectorAll("#wall [data-turn='off']")) set(hidden, "turn", "on");
}

// Decides which of the lists takes turns.
function page() {
  const [bad, good] = [at("troubled"), at("calm")];
  show(at("turns"), true);
  put(at("turns"), "1 / 1");
  const bottom = screen.high - at("footer").offsetHeight - at("turns").offsetHeight - ROOM;
  const troubleFits = bad.hidden || bad.getBoundingClientRect().bottom <= bottom;
  const calm = good.hidden ? 0 : good.children.length;
  const each = troubleFits && calm ? howMany(good, bottom) : 0;
  if (each) paged = { list: good, each, also: "" };
  else {
    const also = calm ? t("so_many_calm_more", { n: calm }) : "";
    set(good, "turn", "off");
    paged = { list: bad, each: troubleFits ? bad.children.length : howMany(bad, bottom) || 1, also };
  }
}

// So many of a list's items stand above `bottom`, in whole rows.
function howMany(list, bottom) {
  const gap = Number.parseFloat(getComputedStyle(list).rowGap) || 0;
  const across = getComputedStyle(list).gridTemplateColumns.split(" ").length;
  const high = Math.max(...[...list.children].map((row) => row.offsetHeight));
  return across * Math.max(0, Math.floor((bottom - list.getBoundingClientRect().top + gap) / (high + gap)));
}

function turnTo(due = false) {
  if (paged === null) return;
  const { list, each, also } = paged;
  const pages = Math.max(1, Math.ceil(list.children.length / each));
  if (due) {
    turn += 1;
    turnedAt = performance.now();
  }
  turn %= pages;
  [...list.children].forEach((row, index) => set(row, "turn", Math.floor(index / each) === turn ? "on" : "off"));
  put(at("turns"), [pages > 1 ? `${turn + 1} / ${pages}` : "", also].filter(Boolean).join(" · "));
}
