"""How right we were: what was said of a wait against what happened."""
