"""The parts of a forecast: days, table, methods, back-test, ranges; `queueing.forecast` joins them."""
