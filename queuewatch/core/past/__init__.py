"""History: told anew through the same core and counted; what was, what would have been."""
