"""Facts in, decisions out: no clock, no I/O, no logging, no randomness.

Begin with `turn.py`: `turn()` takes in facts and returns decisions, `wake_at()` says when it wants to be
called next. docs/core.md follows a fact to the notice it leads to, and says what stands where.
"""
