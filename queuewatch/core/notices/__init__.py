"""What customers are told of the wait: levels with hysteresis, and when they need not be looked at anew."""
