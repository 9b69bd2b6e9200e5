"""Makes the tokens and passwords of docker-compose.yml once, and the configuration that knows their hashes.

Run before everything else: python first_start.py QUEUEWATCH.TOML FOLDER. What is there already stays. Whoever
is to read a file is in the group of FOLDER's owner.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import sys
from pathlib import Path

from queuewatch.cli.token import PREFIX, config_lines

TOKENS = {"prometheus": ("read",), "pbx": ("ingest", "promise"), "board": ("read", "act")}
LOGINS = {"queuewatch": "mqtt.password", "pbx": "pbx.mqtt.password"}
"""Who may log in at Mosquitto, and the file with the password."""

READERS_ONLY = 0o640
ITERATIONS = 101
"""As mosquitto_passwd counts by default; the password is random and long, so that is enough."""


def main(base: Path, folder: Path) -> None:
    """Make what is missing, and write the configuration anew from its base."""
    os.umask(0o027)
    lines = [base.read_text(encoding="utf-8")]
    for name, scopes in TOKENS.items():
        token = _once(folder / f"{name}.token", PREFIX)
        lines.append(config_lines(name, scopes, token) + "\n")
    _write(folder / "queuewatch.toml", "\n".join(lines))
    logins = {name: mosquitto_hash(_once(folder / file, "")) for name, file in LOGINS.items()}
    _write(folder / "mosquitto.passwd", _with_logins(folder / "mosquitto.passwd", logins))


def _with_logins(path: Path, ours: dict[str, str]) -> str:
    """A password file with our logins, and those that somebody added to it."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    known = {name: rest for name, _, rest in (line.partition(":") for line in lines) if name}
    return "".join(f"{name}:{rest}\n" for name, rest in (known | ours).items())


def mosquitto_hash(password: str) -> str:
    """A line's second half in a password file of Mosquitto 2: PBKDF2 with SHA-512."""
    salt = secrets.token_bytes(12)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def _once(path: Path, prefix: str) -> str:
    if not path.exists():
        _write(path, prefix + secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(path.suffix + ".new")
    new.write_text(text, encoding="utf-8")
    new.chmod(READERS_ONLY)
    new.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
