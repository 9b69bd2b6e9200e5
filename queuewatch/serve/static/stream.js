// The stream of boards: reads it, starts again when it ends or falls silent, and says how it stands.

import { headers } from "/static/api.js";

const SILENCE_MS = 12_000; // the service sends a board at least every 5 s
const LONGEST_PAUSE_MS = 10_000;

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

// Reads until the stream ends or falls silent. Returns whether anything came, or the status that refused it.
async function once(language, receive) {
  const abort = new AbortController();
  let silence = setTimeout(() => abort.abort(), SILENCE_MS);
  let heard = false;
  try {
    const response = await fetch(`/v1/stream?lang=${encodeURIComponent(language())}`, {
      headers: headers(), signal: abort.signal, cache: "no-store",
    });
    if (response.status === 401 || response.status === 403) return response.status;
    if (!response.ok) return false;
    for await (const data of events(response.body)) {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
      receive(JSON.parse(data));
      heard = true;
    }
  } catch {
    // No connection, or it broke: whoever follows is told by `lost`.
  } finally {
    clearTimeout(silence);
    abort.abort();
  }
  return heard;
}

function pause(ms) {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), ms);
  window.addEventListener("online", () => over.abort(), { signal: over.signal });
  return new Promise((resolve) => {
    over.signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); });
  });
}

// Follows the boards for ever. `denied` is asked for a token and answers when there is one.
export async function follow({ language, receive, lost, denied }) {
  for (let tries = 0; ; tries += 1) {
    const heard = await once(language, receive);
    if (typeof heard === "number") {
      await denied(heard);
      tries = -1;
      continue;
    }
    if (heard) tries = 0;
    lost();
    // With chance in it, so that after a restart not all boards come back at the same moment.
    await pause(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** tries) * (0.75 + Math.random() / 2));
  }
}
