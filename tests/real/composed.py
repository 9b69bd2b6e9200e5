"""docker-compose.yml without an engine: its files in one folder, its commands but for names and ports."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.real.servers import free_port, shipped

PORTS = {"queuewatch": 8080, "mosquitto": 1883, "prometheus": 9090, "alertmanager": 9093}
"""Who listens where within the network of the containers."""
PROGRAMS: dict[str, list[str]] = {
    "mosquitto": [],  # its command names it
    "prometheus": ["prometheus"],
    "alertmanager": ["prometheus-alertmanager"],
}
"""What the images of others start; ours is asked of the Dockerfile."""
OWNERS = {
    "access": "10001:10001",
    "journal": "10001:10001",
    "broker": "1883:1883",
    "metrics": "65534:65534",
    "alerts": "65534:65534",
}
"""Whose each volume is at first: as the folder is in the image that has it, by the Dockerfile or its own."""
LOCKED = """
mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,ro,bind / || exit 125
shift
exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
"""
"""Runs a command where only the folder $1 can be written, without capabilities and without a way to them."""
LISTENING = ("prometheus", "alertmanager")
"""They listen on a port of their own choice unless told; in a container it is always the same one."""
Json = dict[str, Any]


class Composed:
    """The services, natively: what they mount lies under `root`, and each name is a port of this machine.

    Args:
        root: An empty folder that stands for the containers' file systems; no two services mount one path.
    """

    def __init__(self, root: Path) -> None:
        self.services: dict[str, Json] = yaml.safe_load(shipped("docker-compose.yml").read_text())["services"]
        self.ports = {name: free_port() for name in PORTS}
        self._root = root
        self._targets: list[str] = []
        for name, service in self.services.items():
            if name != "grafana":
                self._mount(service)
        for path in (one for one in root.rglob("*") if one.is_file() and one.suffix != ".pyc"):
            path.write_text(self._here(path.read_text()))

    def path(self, inside: str) -> Path:
        """Where a path of the containers is."""
        return self._root / inside.lstrip("/")

    def command(self, name: str) -> list[str]:
        """What starts a service: entrypoint and command, as an engine puts them together."""
        service = self.services[name]
        start: Sequence[str] = service.get("entrypoint") or (
            PROGRAMS[name] if name in PROGRAMS else _entrypoint()
        )
        words = [self._here(word) for word in (*start, *service["command"])]
        if name in LISTENING:
            words.append(f"--web.listen-address=127.0.0.1:{self.ports[name]}")
        return [sys.executable, *words[1:]] if words[0] == "python" else words

    def locked(self, name: str, *, as_user: bool) -> list[str]:
        """What starts a service as compose locks it up: read-only but for volumes, without capabilities."""
        service = self.services[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        user: list[str] = []
        if as_user:
            uid, gid = service["user"].split(":")
            groups = ",".join([gid, *service.get("group_add", ())])
            user = [f"--reuid={uid}", f"--regid={gid}", f"--groups={groups}"]
        return ["unshare", "--mount", "sh", "-c", LOCKED, "sh", str(self._root), *user, *self.command(name)]

    def own(self, *, ours_as_user: bool) -> None:
        """Give each volume to whom it belongs, and let nobody else into what holds secrets.

        Args:
            ours_as_user: Whether queuewatch runs as its user; else as root, in whose files its group is kept.
        """
        for service in self.services.values():
            for mounted in service["volumes"]:
                volume, target, *_ = mounted.split(":")
                if volume in OWNERS:
                    uid, gid = (int(one) for one in OWNERS[volume].split(":"))
                    as_root = uid == 10001 and not ours_as_user
                    os.chown(self.path(target), 0 if as_root else uid, gid)
                    self.path(target).chmod(0o2750 if as_root else 0o750)
        secret = self.path("/etc/alertmanager/slack_url")
        os.chown(secret, 65534, 65534)
        secret.chmod(0o400)

    def health(self, name: str) -> list[str]:
        """What tells whether a service is well."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        assert kind == "CMD", name
        words = [self._here(word) for word in words]
        # `nc -z 127.0.0.1 1883` has the port as a word of its own.
        words = [str(self.ports[name]) if word == str(PORTS.get(name)) else word for word in words]
        return [sys.executable, *words[1:]] if words[0] == "python" else words

    def _mount(self, service: Mapping[str, Any]) -> None:
        for mounted in service["volumes"]:
            source, target, *_ = mounted.split(":")
            self._targets.append(target)
            if not source.startswith("."):
                self.path(target).mkdir(parents=True, exist_ok=True)
                continue
            self.path(target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(shipped(source), self.path(target))
        for secret in service.get("secrets", ()):
            self._targets.append(secret["target"])
            shutil.copy(shipped("config/slack_url.example"), self.path(secret["target"]))

    def _here(self, text: str) -> str:
        """The text with paths and names of the containers replaced by those of this machine."""
        paths = "|".join(re.escape(one) for one in sorted(set(self._targets), key=len, reverse=True))
        text = re.sub(rf"(?<![\w./-])(?:{paths})\b", lambda found: str(self.path(found[0])), text)
        for name, port in PORTS.items():
            text = re.sub(rf"\b(?:{name}|127\.0\.0\.1):{port}\b", f"127.0.0.1:{self.ports[name]}", text)
        for old, new in (
            ('host = "0.0.0.0"\nport = 8080', f'host = "127.0.0.1"\nport = {self.ports["queuewatch"]}'),
            ('host = "mosquitto"', f'host = "127.0.0.1"\nport = {self.ports["mosquitto"]}'),
            ("\nlistener 1883\n", f"\nlistener {self.ports['mosquitto']} 127.0.0.1\nuser root\n"),
        ):
            text = text.replace(old, new)
        return text


def _entrypoint() -> list[str]:
    """That of our own image."""
    found = re.findall(r"^ENTRYPOINT (\[.*\])$", shipped("Dockerfile").read_text(), flags=re.MULTILINE)
    words: list[str] = json.loads(found[-1])
    return words
