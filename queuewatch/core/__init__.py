"""Facts in, decisions out: no clock, no I/O, no logging, no randomness."""
