"""What is there on this machine's disks, as far as the user may see whom we run as."""

from __future__ import annotations

from pathlib import Path


def is_there(path: Path) -> bool:
    """Whether something is there; False also where this user may not look (`Path.exists` would raise)."""
    try:
        path.stat()
    except OSError:
        return False
    return True
