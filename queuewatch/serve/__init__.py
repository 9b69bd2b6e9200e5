"""What others read from us: the HTTP API, the metrics, the wall board."""
