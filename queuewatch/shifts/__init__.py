"""Simple shifts: the cheapest set that covers what a plan calls for (needs the extra `shifts`)."""
