// The agents of a queue, and whence more would come: drag one over with mouse or finger, tap it, or press a button.

import { h, put, set, show } from "/static/dom.js";
import { t } from "/static/words.js";

const MOST = 30; // figures on a side; of more, the number tells
const SPARE = 5; // figures that stand for people who are not counted
const TAPPED = 6; // pixels; who moves further drags

// `move(+1)` is called for an agent who comes to the queue, `move(-1)` for one who leaves it.
export class Bench {
  constructor(whither, whence, move) {
    this.move = move;
    this.here = side("here", whither);
    this.there = side("there", whence);
    const button = (text, by, label) => h("button", { type: "button", "aria-label": label, onclick: () => move(by) }, text);
    this.element = h("div", { class: "bench" }, this.here.element,
      h("div", { class: "between" }, button("+1", 1, t("one_more_agent")), button("−1", -1, t("one_agent_fewer"))), this.there.element);
    this.element.addEventListener("pointerdown", (event) => this.grasp(event));
  }

  // So many are here, so many of them came; `there` is null where nobody counts them.
  draw(here, came, there) {
    fill(this.here, here, Math.max(0, came));
    fill(this.there, there, Math.max(0, -came));
    show(this.there.count, there !== null);
  }

  grasp(event) {
    const person = event.target.closest(".person");
    if (person === null || event.button > 0) return;
    event.preventDefault();
    const from = this.here.element.contains(person) ? this.here : this.there;
    const to = from === this.here ? this.there : this.here;
    const { clientX: x, clientY: y } = event;
    const far = (at) => Math.hypot(at.clientX - x, at.clientY - y) > TAPPED;
    const over = (at) => holds(to.element, at);
    const drag = new AbortController();
    const on = (name, act) => addEventListener(name, act, { signal: drag.signal });
    set(person, "dragged", "yes");
    const end = () => {
      drag.abort();
      person.style.translate = "";
      set(person, "dragged", "no");
      set(to.element, "over", "no");
    };
    on("pointermove", (at) => {
      person.style.translate = `${at.clientX - x}px ${at.clientY - y}px`;
      set(to.element, "over", over(at) ? "yes" : "no");
    });
    on("pointerup", (at) => {
      end();
      if (over(at) || !far(at)) this.move(to === this.here ? 1 : -1);
    });
    on("pointercancel", end);
  }
}

function side(name, title) {
  const one = { count: h("output"), people: h("div", { class: "people", "aria-hidden": "true" }) };
  return { ...one, element: h("div", { class: "side", data: { side: name } }, h("p", {}, title, " ", one.count), one.people) };
}

function fill(one, number, came) {
  const shown = Math.min(MOST, number ?? SPARE);
  while (one.people.children.length > shown) one.people.lastChild.remove();
  while (one.people.children.length < shown) one.people.append(h("span", { class: "person" }));
  [...one.people.children].forEach((person, index) => set(person, "came", index >= shown - came ? "yes" : "no"));
  put(one.count, number === null ? "" : String(number));
}

function holds(element, { clientX: x, clientY: y }) {
  const box = element.getBoundingClientRect();
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}
