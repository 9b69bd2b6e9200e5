"""What we claim, measured beside a peer in the same run; see README.md."""
