// The board: which view is shown, how the connection stands, and what the viewer chose.

import { token, read } from "/static/api.js";
import { at, h, put, set, show } from "/static/dom.js";
import { first } from "/static/fit.js";
import { callbacks, incentives } from "/static/lists.js";
import { hear, now } from "/static/now.js";
import * as options from "/static/options.js";
import * as queueView from "/static/queue.js";
import { follow } from "/static/stream.js";
import * as tell from "/static/tell.js";
import * as trust from "/static/trust.js";
import * as wall from "/static/wall.js";
import * as whatIf from "/static/whatif.js";
import { age, language, t, timeOfDay, translate } from "/static/words.js";

const VIEWS = { queue: queueView, "what-if": whatIf, callbacks, incentives, trust };

const state = {
  board: null, // the last board received
  receivedAt: 0, // when, on this machine's own clock (ms since the page was opened)
  lostAt: null, // since when the connection is lost; null while it holds
  scopes: [], // what the viewer may do
  name: null, // whose token it is
  view: null, // what is shown beside the wall
  severities: new Map(), // as last announced
  version: null, // of the page itself
};

const who = { may: (scope) => state.scopes.includes(scope), get name() { return state.name; } };

// What views draw from: the board, how long ago it came, and by how much waits have grown since.
function look() {
  const old = state.board === null ? 0 : (performance.now() - state.receivedAt) / 1000;
  const lost = state.lostAt !== null;
  return { board: state.board, age: old, waited: lost ? 0 : old, lost };
}

// ---------------------------------------------------------------- drawing

function draw() {
  const seen = look();
  drawConnection(seen);
  if (seen.board === null) return;
  // The service's clock, which all times here are told by; that of this screen may go wrong.
  put(at("time"), timeOfDay(now()));
  if (!at("wall").hidden) wall.draw(seen);
  state.view?.draw(seen);
  drawSummary(seen.board.queues);
  drawSources(seen);
}

// A silent source's queues are neither calm nor in trouble: nobody knows.
function summary(queues, troubled) {
  if (!queues.length) return "queuewatch";
  const unknown = queues.filter((one) => one.state === "stale" && !tell.inTrouble(one)).length;
  const said = troubled ? [t("so_many_in_trouble", { n: troubled, all: queues.length })] : unknown ? [] : [t("none_in_trouble", { n: queues.length })];
  return [...said, ...(unknown ? [t("so_many_unknown", { n: unknown })] : [])].join(", ");
}

function drawSummary(queues) {
  const troubled = queues.filter(tell.inTrouble).length;
  const said = summary(queues, troubled);
  put(at("summary"), said);
  set(at("summary"), "trouble", troubled ? "yes" : "no");
  const title = troubled ? `▲ ${said} – queuewatch` : "queuewatch";
  if (document.title !== title) document.title = title;
}

function drawSources({ board, waited }) {
  const list = at("sources");
  const sources = [...board.sources].sort((a, b) => Number(a.up) - Number(b.up));
  show(at("footer"), sources.length > 0);
  put(at("sources-short"), t("source_count", { n: sources.filter((one) => one.up).length, all: sources.length }));
  while (list.children.length > sources.length) list.lastChild.remove();
  sources.forEach((source, index) => {
    const item = list.children[index] ?? list.appendChild(h("li"));
    set(item, "up", source.up ? "yes" : "no");
    put(item, tell.source(source, board.at, waited));
  });
}

function drawConnection({ board, age: old, lost }) {
  set(document.body, "connection", lost ? "lost" : board === null ? "starting" : "live");
  const trouble = lost ? undefined : board?.troubles[0];
  show(at("alarm"), board !== null && (lost || trouble !== undefined));
  if (trouble) put(at("alarm"), t(`trouble_${trouble}`));
  if (lost) {
    put(at("connection-words"), t("connection_lost"));
    put(at("alarm"), t("connection_alarm", { age: age(old) }));
  } else if (board !== null) {
    put(at("connection-words"), t("connection_live", { age: age(old) }));
  } else {
    put(at("connection-words"), t("connecting"));
  }
}

// Says which queues came into trouble or out of it, once each: aloud to screen readers, and by sound or flash.
function announce(queues) {
  const news = [];
  let worse = false;
  const now = new Map(queues.map((queue) => [tell.keyOf(queue), tell.inTrouble(queue) ? tell.severity(queue) : "calm"]));
  for (const queue of queues) {
    const was = state.severities.get(tell.keyOf(queue));
    const is = now.get(tell.keyOf(queue));
    if (was === undefined || was === is) continue;
    if (is !== "calm" && was === "calm") {
      worse = true;
      news.push([t("announce_trouble", { queue: queue.queue }), tell.help(queue)].filter(Boolean).join(" "));
    } else if (is === "calm") news.push(t("announce_calm", { queue: queue.queue }));
  }
  state.severities = now;
  if (news.length) put(at("announcements"), news.join(" "));
  if (!worse) return;
  first();
  options.alarm();
}

// ---------------------------------------------------------------- views

function place(parts) {
  return parts.length >= 2 ? { site: decodeURIComponent(parts[0]), queue: decodeURIComponent(parts[1]) } : null;
}

function route({ focus = true } = {}) {
  const [name, ...parts] = location.hash.replace(/^#\/?/, "").split("/");
  const view = VIEWS[name];
  state.view?.stop();
  state.view = null;
  show(at("wall"), view === undefined);
  show(at("view"), view !== undefined);
  for (const link of document.querySelectorAll("nav a")) {
    const own = link.pathname === location.pathname && link.hash.replace(/^#\/?/, "") === (view ? name : "");
    if (own) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (view === undefined) at("view").replaceChildren();
  else {
    state.view = view.make(at("view"), place(parts), who, look());
    if (focus) at("view").querySelector("h2")?.focus({ preventScroll: true });
  }
  draw();
}

function renew() {
  translate();
  wall.renew();
}

// ---------------------------------------------------------------- reading

function receive(board) {
  const begins = state.board === null;
  if (state.lostAt !== null) {
    put(at("announcements"), t("connection_back"));
    reloadIfChanged();
  }
  state.board = board;
  hear(board.at);
  state.receivedAt = performance.now();
  state.lostAt = null;
  announce(board.queues);
  if (begins && state.view !== null) route({ focus: false });
  else draw();
}

function lose() {
  if (state.lostAt === null) put(at("announcements"), t("connection_lost"));
  state.lostAt ??= performance.now();
  draw();
}

// A board on a wall is never reloaded by hand: after an update of the service it does so itself.
async function reloadIfChanged() {
  const response = await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => null);
  const version = response?.ok ? response.headers.get("ETag") : null;
  if (state.version !== null && version !== null && version !== state.version) location.reload();
  state.version ??= version;
}

async function denied(status) {
  await askForToken(token.get() === null ? "" : t(status === 403 ? "token_may_not_read" : "token_unknown"));
  await learnScopes();
  route({ focus: false });
}

function askForToken(why) {
  token.drop();
  put(at("login-why"), why);
  show(at("login"), true);
  show(at("main"), false);
  at("token").focus();
  return new Promise((answered) => {
    at("login").onsubmit = (event) => {
      event.preventDefault();
      token.set(at("token").value.trim());
      at("token").value = "";
      show(at("login"), false);
      show(at("main"), true);
      answered();
    };
  });
}

async function learnScopes() {
  const told = await read("/v1/access").catch(() => null);
  if (told !== null) [state.scopes, state.name] = [told.scopes, told.name ?? null];
  set(document.body, "may", state.scopes.join(" "));
}

function tokenFromFragment() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (!fragment.has("token")) return;
  token.set(fragment.get("token"));
  history.replaceState(null, "", location.pathname + location.search);
}

async function run() {
  tokenFromFragment();
  await options.begin(() => { renew(); route({ focus: false }); });
  renew();
  addEventListener("hashchange", () => route());
  setInterval(draw, 1000);
  if (document.body.dataset.access === "token" && token.get() === null) await askForToken("");
  await learnScopes();
  route({ focus: false });
  reloadIfChanged();
  await follow({ language, receive, lost: lose, denied });
}

run();
