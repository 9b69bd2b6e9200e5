"""A real Asterisk for the tests: Debian sid's, in a folder of its own, listening on loopback only.

It is fetched once with debootstrap from the mirror that apt uses already, into `$QUEUEWATCH_ASTERISK` or the
user's cache folder (600 MB); where that cannot be done the tests are skipped, and say why.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.real.servers import Server, free_port

CONFIG = Path(__file__).parents[1] / "data" / "asterisk" / "config"
PACKAGES = ("asterisk", "asterisk-config", "asterisk-modules")
SPEECH = ("espeak-ng", "sox")
_FETCH_S = 900.0
_INSTALL = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")


class Pbx(Server):
    """An Asterisk that can be stopped and started again.

    Attributes:
        folder: All that it writes; it sees it as `/queuewatch`.
        queue_log: Where it logs its queues.
    """

    def __init__(self, folder: Path, dialplan: str = "") -> None:
        root = fetched()
        port = free_port()
        self.folder = folder
        self.queue_log = folder / "log" / "queue_log"
        _configure(folder, port, dialplan)
        # Its own mount namespace: what is mounted in there is gone with the process, however that ends.
        inside = (
            'mount -t proc proc "$1/proc" && mount --bind "$2" "$1/queuewatch" '
            '&& exec chroot "$1" /usr/sbin/asterisk -f -C /queuewatch/etc/asterisk.conf'
        )
        command = ("unshare", "--mount", "sh", "-c", inside, "sh", str(root), str(folder))
        super().__init__(command, port, folder / "asterisk.out")


@contextlib.contextmanager
def asterisk(folder: Path, dialplan: str = "") -> Iterator[Pbx]:
    """An Asterisk that runs for as long as the block does, and writes into `folder` only.

    `dialplan` is put behind that of the tests.
    """
    pbx = Pbx(folder, dialplan)
    pbx.start()
    try:
        yield pbx
    finally:
        pbx.stop()


def _configure(folder: Path, port: int, dialplan: str) -> None:
    etc = folder / "etc"
    etc.mkdir()
    for part in ("log", "spool"):
        (folder / part).mkdir()
    for config in CONFIG.glob("*.conf"):
        text = config.read_text()
        if config.name == "manager.conf":
            text, found = re.subn(r"^port = 5038$", f"port = {port}", text, flags=re.MULTILINE)
            assert found == 1
        if config.name == "extensions.conf":
            text = f"{text}\n{dialplan}"
        (etc / config.name).write_text(text)


def fetched() -> Path:
    """The folder that Asterisk is in, fetched if need be; skips the test where it cannot be had."""
    root = Path(os.environ.get("QUEUEWATCH_ASTERISK") or _cache() / "queuewatch" / "asterisk-sid")
    if os.geteuid() != 0:
        pytest.skip("no real Asterisk: only root can mount its folders; the recordings carry the proof")
    alone = subprocess.run(("unshare", "--mount", "true"), capture_output=True, check=False)
    if alone.returncode != 0:
        pytest.skip(f"no real Asterisk: no mount namespace to be had here ({_last(alone.stderr)})")
    if not root.exists():
        _fetch(root)
    return root


def speaking() -> None:
    """See to it that the Asterisk has a voice; skips the test where none is to be had."""
    root = fetched()
    if all((root / "usr/bin" / program).exists() for program in SPEECH):
        return
    done = _run(("chroot", str(root), *_INSTALL, *SPEECH))
    if done.returncode != 0:
        pytest.skip(f"no voice for the real Asterisk: {_last(done.stdout)}")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _fetch(root: Path) -> None:
    """Fetch it beside, and put it in place once it is whole."""
    if shutil.which("debootstrap") is None:
        pytest.skip("no real Asterisk: debootstrap is missing; install Debian's package of that name")
    mirror = _mirror()
    root.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f"{root.name}-", dir=root.parent))
    try:
        for command in (
            ("debootstrap", "--variant=minbase", "sid", str(beside), mirror),
            ("chroot", str(beside), *_INSTALL, *PACKAGES, *SPEECH),
            ("chroot", str(beside), "apt-get", "clean"),
            ("mkdir", str(beside / "queuewatch")),
        ):
            done = _run(command)
            if done.returncode != 0:
                pytest.skip(f"no real Asterisk: Debian's sid cannot be had here ({_last(done.stdout)})")
        beside.chmod(0o755)
        beside.rename(root)
    except subprocess.TimeoutExpired:
        pytest.skip(f"no real Asterisk: fetching Debian's sid took longer than {_FETCH_S:g} s")
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_FETCH_S,
        check=False,
    )


def _mirror() -> str:
    """The mirror that this machine's apt takes Debian from."""
    if shutil.which("apt-get") is None:
        pytest.skip("no real Asterisk: this is no Debian, so no mirror of it is known")
    form = "$(ORIGIN)|$(LABEL)|$(REPO_URI)"
    lists = subprocess.run(
        ("apt-get", "indextargets", "--format", form, "Created-By: Packages"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    mirrors = [line.split("|")[2] for line in lists.stdout.splitlines() if line.startswith("Debian|Debian|")]
    if not mirrors:
        pytest.skip("no real Asterisk: apt knows no mirror of Debian; has apt-get update been run?")
    return mirrors[0]


def _last(output: bytes) -> str:
    return next(reversed(output.decode(errors="replace").split("\n", -1)[:-1]), "it says nothing")
