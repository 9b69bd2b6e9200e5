"""Queueing mathematics: numbers in, numbers out. Knows nothing of queuewatch."""
