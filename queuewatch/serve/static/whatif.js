// What if: drag the agents and see the waits move, computed by the service from the very same line.

import { queuePath, read } from "/static/api.js";
import { Bench } from "/static/bench.js";
import { h, put, set, show } from "/static/dom.js";
import * as tell from "/static/tell.js";
import { age, chance, share, t, wait } from "/static/words.js";

const SOON_MS = 60; // after the last move of a slider
const AGAIN_MS = 3000; // the line moves meanwhile
const MOST_SHOWN = 30; // contacts in line

// How many agents serve a queue now; where nothing is known of its contacts yet, how many are on duty.
const there = (was, queue) => Math.round(was.agents ?? tell.onDuty(queue) ?? 0);

function slider(id, label, min, max, step) {
  const input = h("input", { id, type: "range", min, max, step });
  const value = h("output", { htmlFor: id });
  return { input, value, element: h("div", { class: "slider" }, h("label", { htmlFor: id }, label), input, value) };
}

function comparison(label) {
  const one = { label: h("dt", {}, label), was: h("dd", { class: "was" }), then: h("dd", { class: "then big" }) };
  return { ...one, element: h("div", { class: "figure" }, one.label, one.then, one.was) };
}

export function make(root, place, _may, view) {
  const queues = view.board?.queues ?? [];
  const chosen = queues.find((one) => one.queue === place?.queue && one.site === place?.site) ?? tell.sortedByTrouble(queues)[0];
  if (chosen === undefined) {
    root.replaceChildren(h("h2", { tabIndex: -1 }, t("what_if")), h("p", {}, t("no_queue_yet")));
    return { draw: () => {}, stop: () => {} };
  }
  const trial = new Trial(chosen, queues);
  root.replaceChildren(h("h2", { tabIndex: -1 }, t("what_if")), h("p", { class: "soft" }, t("what_if_lead")), trial.element);
  trial.begin();
  return { draw: () => {}, stop: () => trial.stop() };
}

class Trial {
  constructor(queue, queues) {
    this.queue = queue;
    this.place = { site: queue.site, queue: queue.queue };
    this.others = queues.filter((one) => one !== queue && one.site === queue.site && one.agents !== null);
    this.whence = this.from();
    this.bench = new Bench(this.picker(queues), this.whence, (by) => this.moved(by));
    this.agents = slider("whatif-agents", t("agents"), 0, 10, 1);
    this.arrivals = slider("whatif-arrivals", t("arrivals_per_hour"), 1, 100, 1);
    this.handling = slider("whatif-handling", t("handling_time"), 10, 600, 5);
    this.chances = tell.thresholds(queue).map((one) => comparison(t("over", { age: age(Number(one)) })));
    this.wait = comparison(t("next_waits"));
    this.longRun = tell.thresholds(queue).map((one) => comparison(t("over", { age: age(Number(one)) })));
    this.needed = comparison(t("agents_for_targets"));
    this.costTitle = h("h3");
    this.costs = h("dl", { class: "figures" });
    this.cost = h("section", { class: "panel whole", hidden: true }, this.costTitle, this.costs);
    this.line = h("ol", { class: "bars" });
    this.lineTitle = h("h3", {}, t("in_line"));
    this.news = h("p", { class: "unseen", "aria-live": "polite" });
    this.failed = h("p", { class: "failed", role: "alert" });
    this.element = h("div", { class: "trial" },
      h("div", { class: "panel sliders" }, this.bench.element, this.agents.element, this.arrivals.element, this.handling.element),
      h("section", { class: "panel", "aria-label": t("next_contact") }, h("h3", {}, t("next_contact")),
        h("dl", { class: "figures" }, ...this.chances.map((one) => one.element), this.wait.element)),
      h("section", { class: "panel", "aria-label": t("long_run") }, h("h3", {}, t("long_run")),
        h("dl", { class: "figures" }, ...this.longRun.map((one) => one.element), this.needed.element)),
      this.cost,
      h("section", { class: "panel", "aria-label": t("in_line") }, this.lineTitle, h("p", { class: "soft" }, t("line_legend")), this.line),
      this.news, this.failed);
    this.touched = { agents: false, arrivals: false, handling: false };
  }

  picker(queues) {
    const options = queues.map((one) => h("option", { value: tell.keyOf(one), selected: one === this.queue }, one.queue));
    const select = h("select", { id: "whatif-queue", "aria-label": t("queue"), onchange: () => {
      const [site, queue] = JSON.parse(select.value);
      location.hash = `#/what-if/${encodeURIComponent(site)}/${encodeURIComponent(queue)}`;
    } }, ...options);
    return select;
  }

  // Whence agents come who are dragged here: from nowhere in particular, or from another queue of the site.
  from() {
    const names = [h("option", { value: "" }, t("more_people")), ...this.others.map((one, index) => h("option", { value: String(index) }, one.queue))];
    return h("select", { id: "whatif-from", "aria-label": t("take_from"), onchange: () => { this.other = null; this.soon(); } }, ...names);
  }

  get giver() {
    return this.whence.value === "" ? null : this.others[Number(this.whence.value)];
  }

  moved(by) {
    this.agents.input.value = Number(this.agents.input.value) + by;
    this.touched.agents = true;
    this.soon();
  }

  begin() {
    for (const [name, one] of [["agents", this.agents], ["arrivals", this.arrivals], ["handling", this.handling]]) {
      one.input.addEventListener("input", () => { this.touched[name] = true; this.soon(); });
    }
    this.again = setInterval(() => this.ask(), AGAIN_MS);
    this.ask();
  }

  stop() {
    clearInterval(this.again);
    clearTimeout(this.later);
    this.asking?.abort();
  }

  soon() {
    this.say();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.ask(true), SOON_MS);
  }

  // Asks for the queue as it is and as it would be, so that both speak of the same moment.
  async ask(aloud = false) {
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const query = {};
    if (this.touched.agents) query.agents = this.agents.input.value;
    if (this.touched.arrivals) query.arrivals_per_hour = this.arrivals.input.value;
    if (this.touched.handling) query.handling_s = this.handling.input.value;
    try {
      const [was, then] = await Promise.all([
        read(queuePath(this.place, "/what-if"), signal), read(queuePath(this.place, "/what-if", query), signal)]);
      await this.askGiver(signal);
      put(this.failed, "");
      this.draw(was, then);
      if (aloud) put(this.news, `${this.agents.value.textContent}: ${this.chances.map((one) => `${one.label.textContent} ${one.then.textContent}`).join(", ")}`);
    } catch (error) {
      if (!signal.aborted) put(this.failed, t("not_done", { why: error.message }));
    }
  }

  // What it means for the queue that gives agents away.
  async askGiver(signal) {
    const { giver } = this;
    show(this.cost, giver !== null);
    if (giver === null) return;
    const was = await read(queuePath(giver, "/what-if"), signal);
    this.other = there(was, giver);
    const then = await read(queuePath(giver, "/what-if", { agents: Math.max(0, this.other - this.more) }), signal);
    const keys = tell.thresholds(giver);
    if (this.costs.children.length !== keys.length || this.costOf !== giver) {
      this.costOf = giver;
      this.costChances = keys.map((one) => comparison(t("over", { age: age(Number(one)) })));
      this.costs.replaceChildren(...this.costChances.map((one) => one.element));
    }
    put(this.costTitle, t("what_it_costs", { queue: giver.queue }));
    keys.forEach((key, index) => compare(this.costChances[index], was.next.chances[key], then.next.chances[key]));
  }

  get more() {
    const agents = Number(this.agents.input.value);
    return agents - (this.now ?? agents);
  }

  settle(was) {
    const agents = there(was, this.queue);
    if (!this.touched.agents) {
      this.agents.input.max = Math.max(10, agents * 2 + 4);
      this.agents.input.value = agents;
    }
    this.now = agents;
    if (this.giver !== null) this.agents.input.max = agents + (this.other ?? 0);
    if (was.steady && !this.touched.arrivals) {
      this.arrivals.input.max = Math.max(20, Math.ceil(was.steady.arrivals_per_hour * 3));
      this.arrivals.input.value = Math.round(was.steady.arrivals_per_hour);
    }
    if (was.steady && !this.touched.handling) {
      this.handling.input.max = Math.max(60, Math.ceil((was.steady.handling_s * 3) / 30) * 30);
      this.handling.input.value = Math.round(was.steady.handling_s / 5) * 5;
    }
    show(this.arrivals.element, was.steady !== null);
    show(this.handling.element, was.steady !== null);
    this.say();
  }

  say() {
    const agents = Number(this.agents.input.value);
    const { more } = this;
    this.bench.draw(agents, more, this.giver === null ? null : Math.max(0, (this.other ?? 0) - more));
    put(this.agents.value, more ? `${agents} (${more > 0 ? "+" : "−"}${Math.abs(more)})` : String(agents));
    put(this.arrivals.value, this.arrivals.input.value);
    put(this.handling.value, age(Number(this.handling.input.value)));
    this.agents.input.setAttribute("aria-valuetext", this.agents.value.textContent);
    this.handling.input.setAttribute("aria-valuetext", this.handling.value.textContent);
  }

  draw(was, then) {
    this.settle(was);
    const keys = tell.thresholds(this.queue);
    const typical = (view) => { const next = tell.estimate(view.next); return next.reason || next.typical; };
    keys.forEach((key, index) => compare(this.chances[index], was.next.chances[key], then.next.chances[key]));
    put(this.wait.then, typical(then));
    set(this.wait.element, "known", then.next.no_estimate ? "no" : "yes");
    put(this.wait.was, t("now_it_is", { value: typical(was) }));
    keys.forEach((key, index) => compare(this.longRun[index], was.steady?.chances[key], then.steady?.chances[key], then.targets[key]));
    put(this.needed.then, then.steady?.agents_required == null ? t("unknown") : String(then.steady.agents_required));
    put(this.needed.was, Object.entries(then.targets).sort(([a], [b]) => a - b)
      .map(([key, target]) => t("target", { share: share(target), age: age(Number(key)) })).join(", "));
    this.drawLine(was.line, then.line);
  }

  drawLine(was, then) {
    put(this.lineTitle, `${t("in_line")}: ${then.length}`);
    const shown = then.slice(0, MOST_SHOWN);
    const median = (one) => Math.max(0, (one?.quantiles_s["0.5"] ?? 0) - (one?.waited_s ?? 0)); // still to come
    const longest = Math.max(1, ...was.slice(0, MOST_SHOWN).map(median), ...shown.map(median));
    while (this.line.children.length > shown.length) this.line.lastChild.remove();
    shown.forEach((one, index) => {
      const row = this.line.children[index] ?? this.line.appendChild(bar());
      const [text, wasBar, thenBar] = row.children;
      const told = tell.estimate(one);
      put(text, `${one.place}. ${told.reason || t("still_to_wait", { age: wait(median(one)) })}`);
      wasBar.value = median(was[index]) / longest;
      thenBar.value = median(one) / longest;
      set(row, "band", tell.band(one.chances[tell.thresholds(this.queue)[0]]));
    });
  }
}

function bar() {
  const meter = (name) => h("progress", { class: name, max: 1, "aria-hidden": "true" });
  return h("li", {}, h("span"), meter("was"), meter("then"));
}

// Now and then, and whether it is good: at most the target, where there is one.
function compare(one, was, then, target) {
  put(one.then, chance(then));
  put(one.was, t("now_it_is", { value: chance(was) }));
  set(one.element, "known", then === undefined || then === null ? "no" : "yes");
  const plain = tell.band(then);
  set(one.element, "band", target === undefined || plain === "unknown" ? plain : then <= target ? "calm" : plain === "calm" ? "watch" : plain);
}

