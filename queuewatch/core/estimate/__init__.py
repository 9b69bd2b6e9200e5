"""From the state of a queue to a wait, its range, and its chances of passing the thresholds."""
