// How the board puts a queue: how bad it is, which comes first, why, and what helps.

import { age, chance, clock, has, number, share, t, timeOfDay, wait } from "/static/words.js";

const RANK = { normal: 0, busy: 1, very_busy: 2 };
const AGENT_STATES = ["available", "busy", "ringing", "wrap_up", "not_ready"];
const ON_DUTY = ["available", "busy", "ringing", "wrap_up"];
const WATCH = 0.3;
const TROUBLE = 0.5;
const SOME = 0.01; // a chance to wait long that "no wait" must not hide

export const keyOf = (queue) => JSON.stringify([queue.site, queue.queue]);
export const linkOf = (queue) => `#/queue/${encodeURIComponent(queue.site)}/${encodeURIComponent(queue.queue)}`;
export const whatIfOf = (queue) => `#/what-if/${encodeURIComponent(queue.site)}/${encodeURIComponent(queue.queue)}`;
export const thresholds = (queue) => Object.keys(queue.past_threshold).sort((a, b) => a - b);

export const BANDS = ["calm", "watch", "trouble"];

export function band(value) {
  if (value === undefined || value === null) return "unknown";
  return value >= TROUBLE ? "trouble" : value >= WATCH ? "watch" : "calm";
}

// The next contact's wait in words, or the reason why nobody can say.
export function estimate(one) {
  const { no_estimate: why, quantiles_s: quantiles } = one;
  if (why) return { reason: has(`why_${why}`) ? t(`why_${why}`) : why.replaceAll("_", " ") };
  const nearlyAll = quantiles["0.9"] < 2.5 && Object.values(one.chances).every((value) => value < SOME);
  const typical = quantiles["0.5"] < 2.5 ? t(nearlyAll ? "at_once" : "mostly_at_once") : wait(quantiles["0.5"]);
  return { reason: "", typical, kept: quantiles["0.9"] < 2.5 ? "" : wait(quantiles["0.9"], Math.ceil) };
}

// The bands of the chances, 0 calm to 2 trouble, the longest threshold first.
function bands(queue) {
  return thresholds(queue).reverse().map((one) => Math.max(0, BANDS.indexOf(band(queue.next.chances[one]))));
}

// People wait and nobody is there: worse than any chance.
export const unattended = (queue) => queue.next.no_estimate === "no_agents" && queue.waiting > 0;

export function inTrouble(queue) {
  return queue.notice.level !== "normal" || unattended(queue) || bands(queue).includes(2);
}

// How bad it looks from across the room.
export function severity(queue) {
  if (unattended(queue) || queue.notice.level === "very_busy" || bands(queue)[0] === 2) return "trouble";
  if (inTrouble(queue)) return "busy";
  if (queue.state === "stale") return "stale";
  return bands(queue).includes(1) ? "watch" : "calm";
}

// Worst first; of those not in trouble, first those of which nothing is known now; of equals, whoever waits on the
// line before mails. By bands and not by the figures themselves, so that rows do not dance.
export function sortedByTrouble(queues) {
  const keyed = queues.map((queue) => {
    const [long = 0, ...shorter] = bands(queue);
    const stale = queue.state === "stale" ? 1 : 0;
    return [queue, [unattended(queue) ? 1 : 0, RANK[queue.notice.level], inTrouble(queue) ? 1 : 0, stale, long, Math.max(0, ...shorter), queue.channel === "email" ? 0 : 1]];
  });
  keyed.sort(([one, a], [other, b]) => {
    const differing = a.findIndex((rank, index) => rank !== b[index]);
    if (differing >= 0) return b[differing] - a[differing];
    return one.queue.localeCompare(other.queue) || one.site.localeCompare(other.site);
  });
  return keyed.map(([queue]) => queue);
}

export const secondsBetween = (from, to) => Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

export const channel = (queue) => t(`channel_${queue.channel}`) + (queue.site === "default" ? "" : ` · ${queue.site}`);
export const level = (name) => t(`level_${name}`);

// Since when the notice holds, and by whom and until when where a person set it.
export function notice(queue, boardAt, more) {
  const { level: name, since_at: since, by, until_at: until } = queue.notice;
  const parts = [level(name)];
  if (since !== null && name !== "normal") parts.push(t("for_so_long", { age: age(secondsBetween(since, boardAt) + more) }));
  if (by) parts.push(until ? t("set_by_until", { by, until: timeOfDay(until) }) : t("set_by", { by }));
  return parts.join(" · ");
}

export function onDuty(queue) {
  return queue.agents === null ? null : ON_DUTY.reduce((sum, state) => sum + (queue.agents[state] ?? 0), 0);
}

// [how many are there, who of them does what]; null where nobody knows
export function agents(queue) {
  if (queue.agents === null) return [null, t("agents_unknown")];
  const states = AGENT_STATES.filter((state) => queue.agents[state]);
  const said = states.map((state) => `${queue.agents[state]} ${t(`agent_${state}`)}`);
  const there = onDuty(queue);
  const needed = queue.steady?.agents_required;
  if (queue.planned !== null) said.push(t("agents_planned", { n: queue.planned }));
  if (needed > there) said.push(t("agents_needed", { n: needed }));
  return [String(there), said.join(", ") || t("nobody_on_duty")];
}

// The same in a few words: who is free, and how many are needed.
export function fewAgents(queue) {
  if (queue.agents === null) return [null, t("agents_unknown")];
  const there = onDuty(queue);
  const said = there ? [t("agents_free", { n: queue.agents.available ?? 0 })] : [t("nobody_on_duty")];
  if (queue.planned !== null) said.push(t("agents_planned", { n: queue.planned }));
  // Where it is said how many more would help now, how many the load needs in the long run is one number too many.
  if (queue.steady?.agents_required > there && !queue.trouble?.agents) said.push(t("agents_needed", { n: queue.steady.agents_required }));
  return [String(there), said.join(", ")];
}

export function oldest(queue, more) {
  return queue.oldest_wait_s === null ? "" : t("oldest", { clock: clock(queue.oldest_wait_s + more) });
}

// How many of those waiting are past the shortest threshold, and how long the first has waited.
export function waiting(queue, more) {
  const passed = thresholds(queue).filter((one) => queue.past_threshold[one] > 0);
  const parts = [oldest(queue, more)];
  if (passed.length) parts.push(t("so_many_past", { n: queue.past_threshold[passed[0]], age: age(Number(passed[0])) }));
  return parts.filter(Boolean).join(", ");
}

// Why it is in trouble, one sentence each. How many are on duty is said once.
export function why(queue) {
  const causes = queue.trouble?.why ?? [];
  const said = causes.some(({ reason }) => reason === "long_line");
  const found = causes.map(({ reason, count, of }) => {
    const cause = reason === "too_few" && said ? "load" : reason;
    return t(`cause_${cause}`, { count: number(count), of: number(of) });
  });
  if (queue.state === "stale") found.unshift(t("why_source_stale"));
  return found.join(" · ");
}

// What helps: "+2 agents bring it under 20 %".
export function help(queue) {
  const trouble = queue.trouble;
  if (!trouble) return "";
  if (!trouble.agents) return trouble.why.length ? t("help_unknown") : "";
  const [first] = thresholds(queue);
  const target = queue.targets[first];
  return t("help", { n: trouble.agents, share: share(target), age: age(Number(first)) });
}

export function source(one, boardAt, more) {
  if (one.heard_at === null) return t("source_never", { name: one.source });
  const heard = age(secondsBetween(one.heard_at, boardAt) + more);
  const refused = Object.values(one.refused).reduce((sum, n) => sum + n, 0);
  const parts = [t(one.up ? "source_up" : "source_down", { name: one.source, age: heard })];
  if (one.lag_s > 5) parts.push(t("source_behind", { age: age(one.lag_s) }));
  if (refused) parts.push(t("source_refused", { n: refused }));
  return parts.join(", ");
}

export { chance };
