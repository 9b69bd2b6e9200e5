"""From outside to events: one file per system, a pure parse() and a thin events()."""
