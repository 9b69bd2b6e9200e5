// What time it is by the service's clock, by which all here is told and asked for: that of this screen may be wrong.

let heardAt = Date.now();
let counted = performance.now();

// A time that the service has just told; from then on it is counted without looking at this screen's clock.
export function hear(at) {
  [heardAt, counted] = [Date.parse(at), performance.now()];
}

// Milliseconds since 1970; before anything was heard as this screen has it.
export const now = () => heardAt + performance.now() - counted;
