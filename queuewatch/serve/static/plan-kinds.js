// Agents by kind, where queues planned together share some of theirs: a choice for the week, and the day's table.

import { at, h, put, show } from "/static/dom.js";
import { t, whole } from "/static/words.js";

const MARK = "kind:"; // before the name of a kind, where else the name of a field stands

const kinds = (plan) => Object.keys(plan.rows[0]?.crews ?? {});

// What a cell of the week shows: a field of the row, or its agents of a kind.
export const value = (row, field) => (field.startsWith(MARK) ? row.crews[field.slice(MARK.length)] ?? 0 : row[field]);

// A choice for each kind. Returns the field that can be shown: one of a kind that the plan does not have gives way.
export function offerKinds(plan, field) {
  const names = kinds(plan);
  const own = field.startsWith(MARK) && !names.includes(field.slice(MARK.length)) ? "agents" : field;
  at("kinds").replaceChildren(...names.map((name) =>
    h("button", { type: "button", data: { field: MARK + name } }, t("agents_of_kind", { kind: name }))));
  for (const button of document.querySelectorAll("button[data-field]")) {
    button.setAttribute("aria-pressed", String(button.dataset.field === own));
  }
  return own;
}

// How many of each kind the day calls for.
export function drawKinds(plan, rows) {
  const names = kinds(plan);
  show(at("by-kind"), names.length > 0 && rows.length > 0);
  if (at("by-kind").hidden) return;
  put(at("by-kind").querySelector("h3"), t("by_kind"));
  const hours = (name, which) => rows.reduce((sum, row) => sum + (row[which][name] ?? 0), 0) * (plan.interval_s / 3600);
  const most = (name) => Math.max(...rows.map((row) => row.crews[name] ?? 0));
  const head = [t("kind"), t("most_agents"), t("agent_hours"), t("agent_hours_safe")].map((title) => h("th", { scope: "col" }, title));
  at("by-kind").querySelector("table").replaceChildren(
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...names.map((name) => h("tr", {}, h("th", { scope: "row" }, name),
      ...[most(name), hours(name, "crews"), hours(name, "crews_safe")].map((one) => h("td", {}, whole(one)))))));
}
