"""A contact centre that behaves like one: for the demo, for tests, for what-if."""
