"""History → forecast → agents per interval: what a staffing planner asks for. Pure; the shells carry it."""
