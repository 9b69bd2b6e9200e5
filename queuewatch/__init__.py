"""queuewatch: a real-time queue and wait-time monitor that scores its own estimates."""

__version__ = "0.1.0"
