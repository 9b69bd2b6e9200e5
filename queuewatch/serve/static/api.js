// Asking the service: with the token of this tab, and its problems in words.

const TOKEN = "queuewatch.token";

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  set: (value) => sessionStorage.setItem(TOKEN, value),
  drop: () => sessionStorage.removeItem(TOKEN),
};

export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export function headers(more = {}) {
  const own = token.get();
  return own === null ? more : { ...more, Authorization: `Bearer ${own}` };
}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, body.detail ?? response.statusText);
  return body;
}

export async function read(path, signal) {
  return answer(await fetch(path, { headers: headers({ Accept: "application/json" }), cache: "no-store", signal }));
}

export async function send(path, body) {
  return answer(await fetch(path, {
    method: "POST",
    headers: headers({ "Content-Type": "application/json" }),
    body: JSON.stringify(body),
  }));
}

// The path of a queue: its name may hold any character.
export function queuePath(place, rest = "", query = {}) {
  const search = new URLSearchParams({ site: place.site, ...query });
  return `/v1/queues/${encodeURIComponent(place.queue)}${rest}?${search}`;
}
