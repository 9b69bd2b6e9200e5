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

function axis(more) {
  return { stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") }, font: "14px system-ui", ...more };
}

// Lines over the day. `lines`: { label, colour, values, width?, dash? }; `marks`: seconds to draw across.
export async function drawDay(root, when, lines, marks) {
  const uPlot = await load();
  const data = [when, ...lines.map((line) => line.values), ...marks.map((mark) => when.map(() => mark))];
  const options = {
    width: Math.max(280, root.clientWidth),
    height: Math.max(220, Math.min(420, root.clientWidth / 3)),
    legend: { show: true, live: false },
    cursor: { points: { size: 6 } },
    scales: { x: { time: true }, y: { range: (_, _low, high) => [0, Math.max(...marks, high ?? 0) * 1.08] } },
    axes: [
      axis({ values: (_, ticks) => ticks.map((one) => new Date(one * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })) }),
      axis({ size: 70, incrs: STEPS_S, values: (_, ticks) => ticks.map(clock) }),
    ],
    series: [
      {},
      ...lines.map((line) => ({ label: line.label, stroke: colour(line.colour), width: line.width ?? 2, dash: line.dash, points: { show: false } })),
      ...marks.map((mark) => ({ label: clock(mark), stroke: colour("trouble"), width: 1.5, dash: [8, 6], points: { show: false } })),
    ],
  };
  const chart = new uPlot(options, data);
  root.replaceChildren(chart.root);
  return chart;
}
