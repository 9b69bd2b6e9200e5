"""What is told to us: events, the acts of people, their words, and how they are written."""
