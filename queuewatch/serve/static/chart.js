// Charts by uPlot, which is loaded when the first one is drawn; in the colours and at the size of the page.

import { clock } from "/static/words.js";

let loading = null;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/static/uplot.css" });
    const script = Object.assign(document.createElement("script"), { src: "/static/uplot.js" });
    script.onload = () => resolve(window.uPlot);
    script.onerror = reject;
    document.head.append(style, script);
  });
  return loading;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// Seconds between the marks of an axis of waits.
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

const time = (when) => new Date(when * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

// Of a letter of the page, pixels.
const size = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

function axis(more) {
  return { stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") }, font: `${size()}px system-ui, sans-serif`, ...more };
}

// Seconds between the marks of the time below: whole minutes, since no seconds are told.
const TIMES_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400];
const LEFT = 5.2; // size of the left axis, in letters: the same for all, so that the same time stands above itself
const REST = 0.98; // of the values lie below the top: a single odd one must not press the others to the ground
const LATEST = 15; // values that are seen whole, whatever they are

// What all charts of a day share: their width, the time below, and where it begins and ends ([from, to]).
function frame(root, span, height, more) {
  const letter = size();
  return {
    width: Math.max(240, root.clientWidth),
    height,
    cursor: { show: false },
    legend: { show: false },
    padding: [0.6 * letter, 1.7 * letter, 0, 0],
    ...more,
    scales: { x: { time: true, range: () => span }, ...more.scales },
    axes: [axis({ incrs: TIMES_S, space: 70, values: (_, ticks) => ticks.map(time), ...more.below }), axis({ size: LEFT * letter, ...more.left })],
  };
}

async function place(root, options, data) {
  const uPlot = await load();
  const chart = new uPlot(options(uPlot), data);
  root.replaceChildren(chart.root);
}

function most(values) {
  const known = values.filter((one) => one !== null);
  const latest = known.slice(-LATEST);
  known.sort((a, b) => a - b);
  return Math.max(known[Math.floor(REST * (known.length - 1))] ?? 0, ...latest);
}

const line = (one) => ({ label: one.label, stroke: colour(one.colour), width: one.width ?? 2, dash: one.dash, points: { show: false } });

// Lines over the day. `lines`: { label, colour, values, width?, dash? }; `marks`: seconds to draw across.
export function drawWaits(root, span, when, lines, marks) {
  const data = [when, ...lines.map((one) => one.values), ...marks.map((mark) => when.map(() => mark))];
  return place(root, () => frame(root, span, Math.max(200, Math.min(420, root.clientWidth / 2.4)), {
    legend: { show: true, live: false },
    scales: { y: { range: () => [0, Math.max(...marks, ...lines.map((one) => most(one.values))) * 1.08] } },
    left: { incrs: STEPS_S, values: (_, ticks) => ticks.map(clock) },
    series: [{}, ...lines.map(line), ...marks.map((mark) => line({ label: clock(mark), colour: "trouble", width: 1.5, dash: [8, 6] }))],
  }), data);
}

// How many there were, as steps: { label, colour, values, width?, dash?, fill? }.
export function drawCounts(root, span, when, lines) {
  return place(root, (uPlot) => frame(root, span, 150, {
    legend: { show: true, live: false },
    scales: { y: { range: (_, _low, high) => [0, Math.max(1, high ?? 0) * 1.1] } },
    left: { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
    series: [{}, ...lines.map((one) => ({ ...line(one), fill: one.fill && `${colour(one.colour)}33`, paths: uPlot.paths.stepped({ align: 1 }) }))],
  }), [when, ...lines.map((one) => one.values)]);
}

// How it stood, a bar for each time: the worse the higher, so that it is not told by colour alone.
// `states`: one of `looks` ({ height in [0, 1], colour }) each.
export function drawStates(root, span, when, states, looks) {
  const paint = (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    states.forEach((state, index) => {
      const { height, colour: name } = looks[state];
      const left = chart.valToPos(when[index], "x", true);
      const right = chart.valToPos(when[index + 1] ?? when[index], "x", true);
      ctx.fillStyle = colour(name);
      ctx.fillRect(left, bbox.top + bbox.height * (1 - height), Math.max(1, right - left + 0.5), bbox.height * height);
    });
    ctx.restore();
  };
  return place(root, () => frame(root, span, 96, {
    scales: { y: { range: () => [0, 1] } },
    below: { grid: { show: false } },
    left: { show: true, values: () => [], ticks: { show: false }, grid: { show: false } },
    series: [{}, { points: { show: false }, stroke: "transparent" }],
    hooks: { draw: [paint] },
  }), [when, when.map(() => null)]);
}

// How many waited how long: a column for each time, a row for each border of `borders` (seconds, the last open),
// the stronger the more. `marks`: seconds to draw across.
export function drawHeat(root, span, when, every, cells, borders, marks) {
  const most = Math.max(1, ...cells.flat());
  const rows = Math.max(...marks.map((mark) => borders.findIndex((one) => one > mark)),
    ...cells.map((column) => column.findLastIndex((one) => one > 0))) + 1;
  const level = (seconds) => { // where a wait stands among the rows
    const above = borders.findIndex((one) => one >= seconds);
    const below = above > 0 ? borders[above - 1] : 0;
    return above + (seconds - below) / (borders[above] - below);
  };
  const paint = (chart) => {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = colour("heat");
    cells.forEach((column, index) => column.forEach((count, row) => {
      if (!count) return;
      const left = chart.valToPos(when[index], "x", true);
      const right = chart.valToPos(when[index] + every, "x", true);
      const top = chart.valToPos(row + 1, "y", true);
      ctx.globalAlpha = 0.15 + 0.85 * Math.sqrt(count / most);
      ctx.fillRect(left, top + 0.5, Math.max(1, right - left - 1), chart.valToPos(row, "y", true) - top - 1);
    }));
    ctx.globalAlpha = 1;
    ctx.strokeStyle = colour("trouble");
    ctx.lineWidth = 2;
    ctx.setLineDash([8, 6]);
    for (const mark of marks) {
      const y = chart.valToPos(level(mark), "y", true);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    ctx.restore();
  };
  const letter = size();
  return place(root, () => frame(root, span, letter * Math.min(24, 4 + 1.3 * rows), {
    scales: { y: { range: () => [0, rows] } },
    below: { grid: { show: false } },
    left: {
      grid: { show: false },
      splits: () => borders.map((_, index) => index + 1).filter((one) => one <= rows),
      values: (_, splits) => splits.map((one) => (LABELLED_S.includes(borders[one - 1]) || marks.includes(borders[one - 1]) ? clock(borders[one - 1]) : null)),
    },
    series: [{}, { points: { show: false }, stroke: "transparent" }],
    hooks: { draw: [paint] },
  }), [when, when.map(() => null)]);
}

// The borders that are named; all would be too many.
const LABELLED_S = [10, 30, 60, 180, 300, 600, 1800, 3600, 14400, 86400];
