"""What is known: facts folded into sites, queues, visits and agents, whatever the order they come in."""
