// How the board says things: durations, chances, states and reasons in words; and which queue comes first.

const LEVEL = { normal: "Normal", busy: "Busy", very_busy: "Very busy" };
const RANK = { normal: 0, busy: 1, very_busy: 2 };
const CHANNEL = { phone: "phone", chat: "chat", email: "e-mail" };
const NO_ESTIMATE = {
  no_agents: "nobody is there to answer",
  too_few_data: "too few contacts seen so far",
  source_stale: "the source is silent",
};
const AGENT = [
  ["busy", "busy"],
  ["ringing", "ringing"],
  ["wrap_up", "wrapping up"],
  ["not_ready", "not ready"],
];
const WATCH = 0.3;
const TROUBLE = 0.5;

// A duration in words, seconds in: 45 s, 12 min, 3 h 20 min, 2 days.
export function age(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 120) return s === 60 ? "1 min" : `${s} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.round(hours / 24)} days`;
}

// A running duration: 0:45, 12:05, 1 h 02, 3 d 4 h.
export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  if (s >= 172_800) return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${two(s % 60)}`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)}`;
}

// An expected wait, no finer than anybody could know it. What is to be kept is rounded up.
function wait(seconds, round) {
  const step = seconds < 120 ? 5 : seconds < 3600 ? 60 : 600;
  return age(round(seconds / step) * step);
}

export function chance(share) {
  if (share > 0 && share < 0.005) return "<1%";
  if (share < 1 && share > 0.995) return ">99%";
  return `${Math.round(share * 100)}%`;
}

export function chanceBand(share) {
  if (share === undefined) return "unknown";
  return share >= TROUBLE ? "trouble" : share >= WATCH ? "watch" : "calm";
}

// The next contact's wait in words, or the reason why nobody can say.
export function estimate(queue) {
  const { no_estimate: why, quantiles_s: quantiles } = queue.next;
  if (why) return { reason: NO_ESTIMATE[why] ?? why.replaceAll("_", " ") };
  const typical = wait(quantiles["0.5"], Math.round);
  return { reason: "", typical: typical === "0 s" ? "at once" : typical, kept: wait(quantiles["0.9"], Math.ceil) };
}

// The bands of the chances, 0 calm to 2 trouble, the longest threshold first.
function bands(queue) {
  return Object.entries(queue.next.chances)
    .sort(([a], [b]) => b - a)
    .map(([, share]) => ["calm", "watch", "trouble"].indexOf(chanceBand(share)));
}

// People wait and nobody is there: worse than any chance.
export function unattended(queue) {
  return queue.next.no_estimate === "no_agents" && queue.waiting > 0;
}

export function inTrouble(queue) {
  return queue.notice.level !== "normal" || unattended(queue) || bands(queue).includes(2);
}

// Worst first. By bands and not by the figures themselves, so that rows do not dance.
export function sortedByTrouble(queues) {
  const keyed = queues.map((queue) => {
    const [long = 0, ...shorter] = bands(queue);
    const stale = queue.state === "stale" ? 1 : 0;
    const ranks = [unattended(queue) ? 1 : 0, RANK[queue.notice.level], long, Math.max(0, ...shorter), stale];
    return [queue, ranks];
  });
  keyed.sort(([one, a], [other, b]) => {
    const differing = a.findIndex((rank, index) => rank !== b[index]);
    if (differing >= 0) return b[differing] - a[differing];
    return one.queue.localeCompare(other.queue) || one.site.localeCompare(other.site);
  });
  return keyed.map(([queue]) => queue);
}

function secondsBetween(from, to) {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

export const words = {
  secondsBetween,
  level: (level) => LEVEL[level] ?? level,
  channel: (queue) => CHANNEL[queue.channel] ?? queue.channel,

  // How many of those waiting are past the shortest threshold that anybody is past.
  past(queue) {
    const passed = Object.entries(queue.past_threshold).filter(([, n]) => n > 0).sort(([a], [b]) => a - b);
    return passed.length ? `${passed[0][1]} past ${age(Number(passed[0][0]))}` : "";
  },

  // [what stands large, what stands below]
  agents(queue) {
    const { agents } = queue;
    if (agents === null) return ["unknown", "no agent has been seen"];
    const others = AGENT.filter(([state]) => agents[state]).map(([state, word]) => `${agents[state]} ${word}`);
    if (Object.keys(agents).every((state) => state === "offline" || !agents[state])) others.push("nobody on duty");
    const needed = queue.steady?.agents_required;
    const there = Object.entries(agents).reduce((sum, [state, n]) => sum + (state === "offline" ? 0 : n), 0);
    if (needed > there) others.push(`${needed} needed`);
    if (queue.agents_inferred) others.push("as seen");
    return [`${agents.available ?? 0} free`, others.join(", ")];
  },

  since(notice, boardAt, sinceReceived) {
    const hand = notice.by ? `set by ${notice.by}` : "";
    if (notice.since_at === null || (notice.level === "normal" && !hand)) return hand;
    const since = `for ${age(secondsBetween(notice.since_at, boardAt) + sinceReceived)}`;
    return hand ? `${since}, ${hand}` : since;
  },

  source(source, boardAt, sinceReceived) {
    if (source.heard_at === null) return `${source.source}: never heard of`;
    const heard = `heard ${age(secondsBetween(source.heard_at, boardAt) + sinceReceived)} ago`;
    const refused = Object.values(source.refused).reduce((sum, n) => sum + n, 0);
    const lag = source.lag_s > 5 ? `, ${age(source.lag_s)} behind` : "";
    return `${source.source}: ${source.up ? "up" : "silent"}, ${heard}${lag}${refused ? `, ${refused} refused` : ""}`;
  },
};
