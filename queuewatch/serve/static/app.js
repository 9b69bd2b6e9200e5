// The wall board: reads the stream of boards, draws them, and says so when it cannot.

import { age, chance, chanceBand, clock, estimate, inTrouble, sortedByTrouble, unattended, words } from "/static/tell.js";

const SILENCE_MS = 12_000; // the service sends a board at least every 5 s
const LONGEST_PAUSE_MS = 10_000;
const TOKEN = "queuewatch.token";

const at = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);

let board = null; // the last board received
let receivedAt = 0; // when, on this machine's own clock (ms since the page was opened)
let lostAt = null; // since when the connection is lost; null while it holds
let rows = new Map(); // the drawn queues by key
let levels = new Map(); // their notice levels as last announced

// ---------------------------------------------------------------- drawing

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function set(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

function part(parent, tag, className) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  parent.append(element);
  return element;
}

function cell(row, label, className) {
  const td = part(row, "td", className);
  td.setAttribute("role", "cell");
  td.dataset.label = label;
  return { td, big: part(td, "span", "big"), small: part(td, "span", "small") };
}

function newRow() {
  const body = document.createElement("tbody");
  body.setAttribute("role", "rowgroup");
  const line = part(body, "tr", "figures");
  line.setAttribute("role", "row");
  const head = part(line, "th", "queue");
  head.setAttribute("role", "rowheader");
  head.scope = "row";
  const row = {
    body,
    name: part(head, "span", "name"),
    channel: part(head, "span", "small"),
    chances: [cell(line, "Chance", "chance"), cell(line, "Chance", "chance")],
    wait: cell(line, "Next one waits", "wait"),
    waiting: cell(line, "Waiting", "waiting"),
    oldest: cell(line, "Oldest wait", "oldest"),
    agents: cell(line, "Agents", "agents"),
    notice: cell(line, "Notice", "notice"),
    data: cell(line, "Data", "data"),
  };
  const said = part(body, "tr", "said");
  said.setAttribute("role", "row");
  row.said = part(said, "td");
  row.said.colSpan = 9;
  row.said.setAttribute("role", "cell");
  row.saidRow = said;
  return row;
}

function fill(cell, big, small = "") {
  put(cell.big, big);
  put(cell.small, small);
}

function drawChances(row, queue) {
  const { reason } = estimate(queue);
  const thresholds = Object.keys(queue.past_threshold).sort((a, b) => a - b);
  row.chances.forEach((one, index) => {
    const threshold = thresholds[index];
    const value = queue.next.chances[threshold];
    set(one.td, "band", reason ? "unknown" : chanceBand(value));
    if (threshold === undefined) return fill(one, "");
    fill(one, reason ? "?" : chance(value), `over ${age(Number(threshold))}`);
  });
}

function drawRow(row, queue, sinceReceived) {
  const { reason, typical, kept } = estimate(queue);
  const dataAge = words.secondsBetween(queue.heard_at, board.at) + sinceBoard();
  set(row.body, "level", queue.notice.level);
  set(row.body, "state", queue.state);
  put(row.name, queue.queue);
  put(row.channel, queue.site === "default" ? words.channel(queue) : `${words.channel(queue)} · ${queue.site}`);
  drawChances(row, queue);
  fill(row.wait, reason ? "no estimate" : typical, reason ? reason : kept === "0 s" ? "" : `9 in 10 under ${kept}`);
  set(row.wait.td, "known", !reason ? "yes" : unattended(queue) ? "nobody" : "no");
  fill(row.waiting, String(queue.waiting), words.past(queue));
  const oldest = queue.oldest_wait_s;
  fill(row.oldest, oldest === null ? "–" : clock(oldest + sinceReceived));
  fill(row.agents, ...words.agents(queue));
  fill(row.notice, words.level(queue.notice.level), words.since(queue.notice, board.at, sinceReceived));
  fill(row.data, lostAt === null ? queue.state : "lost", `${age(dataAge)} old`);
  const text = queue.notice.text ? `We say: “${queue.notice.text}”` : "";
  put(row.said, text);
  row.saidRow.hidden = !text;
}

function sinceBoard() {
  return (performance.now() - receivedAt) / 1000;
}

function drawBoard() {
  const sinceReceived = lostAt === null ? sinceBoard() : 0; // without a connection the waits stand still
  const queues = sortedByTrouble(board.queues);
  const table = at("board");
  const known = new Map();
  let previous = table.tHead;
  for (const queue of queues) {
    const key = JSON.stringify([queue.site, queue.queue]);
    const row = rows.get(key) ?? newRow();
    drawRow(row, queue, sinceReceived);
    if (previous.nextElementSibling !== row.body) previous.after(row.body);
    previous = row.body;
    known.set(key, row);
  }
  for (const [key, row] of rows) if (!known.has(key)) row.body.remove();
  rows = known;
  table.hidden = queues.length === 0;
  at("empty").hidden = queues.length > 0;
  set(document.body, "density", queues.length > 9 ? "high" : queues.length > 5 ? "middle" : "low");
  drawSummary(queues);
  drawSources(sinceReceived);
}

function drawSummary(queues) {
  const troubled = queues.filter(inTrouble).length;
  const all = queues.length === 1 ? "1 queue" : `${queues.length} queues`;
  const said = troubled ? `${troubled} of ${all} in trouble` : queues.length ? `${all}, none in trouble` : "queuewatch";
  put(at("summary"), said);
  set(at("summary"), "trouble", troubled ? "yes" : "no");
  const title = troubled ? `▲ ${said} – queuewatch` : "queuewatch";
  if (document.title !== title) document.title = title;
}

function drawSources(sinceReceived) {
  const list = at("sources");
  at("footer").hidden = board.sources.length === 0;
  while (list.children.length > board.sources.length) list.lastChild.remove();
  board.sources.forEach((source, index) => {
    const item = list.children[index] ?? part(list, "li");
    set(item, "up", source.up ? "yes" : "no");
    put(item, words.source(source, board.at, sinceReceived));
  });
}

function announce() {
  const now = new Map(board.queues.map((queue) => [JSON.stringify([queue.site, queue.queue]), queue]));
  const news = [];
  for (const [key, queue] of now) {
    const before = levels.get(key);
    if (before !== undefined && before !== queue.notice.level) {
      news.push(`${queue.queue} is ${words.level(queue.notice.level).toLowerCase()} now.`);
    }
  }
  levels = new Map([...now].map(([key, queue]) => [key, queue.notice.level]));
  if (news.length) put(at("announcements"), news.join(" "));
}

function drawConnection() {
  const alarm = at("alarm");
  const lost = lostAt !== null;
  const old = board === null ? "" : age(sinceBoard());
  set(document.body, "connection", lost ? "lost" : board === null ? "starting" : "live");
  alarm.hidden = !lost || board === null;
  if (lost) {
    put(at("connection-words"), "Connection lost, trying again");
    put(alarm, `The connection to queuewatch is lost. These figures are ${old} old and no longer change.`);
  } else if (board !== null) {
    put(at("connection-words"), `Live, ${old} old · ${new Date(board.at).toLocaleTimeString()}`);
  }
}

function draw() {
  if (board !== null) drawBoard();
  drawConnection();
}

// ---------------------------------------------------------------- reading

function receive(text) {
  board = JSON.parse(text);
  receivedAt = performance.now();
  lostAt = null;
  announce();
  draw();
}

function lose() {
  if (lostAt === null) lostAt = performance.now();
  draw();
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data: "));
      if (data.length) yield data.map((line) => line.slice(6)).join("\n");
    }
  }
}

// Reads until the stream ends or falls silent; returns whether anything came.
async function follow() {
  const abort = new AbortController();
  let silence = setTimeout(() => abort.abort(), SILENCE_MS);
  const token = sessionStorage.getItem(TOKEN);
  const lang = query.get("lang");
  let heard = false;
  try {
    const response = await fetch(`/v1/stream${lang ? `?lang=${encodeURIComponent(lang)}` : ""}`, {
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      signal: abort.signal,
      cache: "no-store",
    });
    if (response.status === 401 || response.status === 403) {
      await askForToken(token === null ? "" : response.status === 403
        ? "This token may not read." : "This token is not known here.");
      return true;
    }
    if (!response.ok) return false;
    for await (const data of events(response.body)) {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
      receive(data);
      heard = true;
    }
  } catch {
    // No connection, or it broke: what to say about it is in lose().
  } finally {
    clearTimeout(silence);
    abort.abort();
  }
  return heard;
}

function askForToken(why) {
  sessionStorage.removeItem(TOKEN);
  put(at("login-why"), why);
  put(at("connection-words"), "Not connected");
  at("login").hidden = false;
  at("main").hidden = true;
  at("token").focus();
  return new Promise((answered) => {
    at("login").onsubmit = (event) => {
      event.preventDefault();
      sessionStorage.setItem(TOKEN, at("token").value.trim());
      at("token").value = "";
      at("login").hidden = true;
      at("main").hidden = false;
      answered();
    };
  });
}

function pause(ms) {
  return new Promise((over) => {
    const timer = setTimeout(over, ms);
    window.addEventListener("online", () => { clearTimeout(timer); over(); }, { once: true });
  });
}

async function run() {
  if (document.body.dataset.access === "token" && sessionStorage.getItem(TOKEN) === null) await askForToken("");
  for (let tries = 0; ; tries += 1) {
    if (await follow()) tries = 0;
    lose();
    // With chance in it, so that after a restart not all boards come back at the same moment.
    await pause(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** tries) * (0.75 + Math.random() / 2));
  }
}

const fragment = new URLSearchParams(location.hash.slice(1));
if (fragment.has("token")) {
  sessionStorage.setItem(TOKEN, fragment.get("token"));
  history.replaceState(null, "", location.pathname + location.search);
}
const theme = query.get("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
setInterval(draw, 1000);
run();
