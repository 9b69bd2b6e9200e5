"""The loop: facts are journalled, turned into state and decisions, and decisions handed to senders, once."""
