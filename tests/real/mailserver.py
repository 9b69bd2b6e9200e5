"""A Dovecot of the test's own, with one mailbox, on free loopback ports; and a team that uses it."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import grp
import imaplib
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

from msgspec import Struct

from tests.real.servers import Server, free_port, running

USER = "support@shop.example"
PASSWORD = "team's \"word\\"

_CONFIG = """
base_dir = {run}
state_dir = {run}
log_path = {folder}/dovecot.log
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {group}
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
mail_location = maildir:{folder}/mail:LAYOUT=fs
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
mailbox_list_index = yes
imap_capability = {capability}
imap_idle_notify_interval = 2 secs
mail_max_userip_connections = 50
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Archive {{
    auto = create
    special_use = \\Archive
  }}
  mailbox Trash {{
    auto = create
    special_use = \\Trash
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {folder}/users
}}
{oauth}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
service auth {{
  user = {user}
}}
"""


def dovecot_config(
    folder: Path, port: int, *, capability: str, tls_port: int, certificate: Path | None, introspect: str
) -> Path:
    """A configuration of one's own, that needs no rights beyond the test's."""
    run = folder / "run"
    run.mkdir()
    root = os.getuid() == 0
    owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.getuid())  # Dovecot gives no mail to root
    for name in ("home", "mail"):
        (folder / name).mkdir()
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
    names = f"ssl_cert = <{certificate}\nssl_key = <{certificate}" if certificate else ""
    (folder / "oauth").write_text(
        f"introspection_mode = get\nintrospection_url = {introspect}?token=\nusername_attribute = email\n"
    )
    oauth = f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {folder}/oauth\n}}"
    path = folder / "dovecot.conf"
    path.write_text(
        _CONFIG.format(
            run=run,
            folder=folder,
            port=port,
            tls_port=tls_port if certificate else 0,
            ssl="yes" if certificate else "no",
            certificate=names,
            user=getpass.getuser(),
            # Started as root, Dovecot wants lesser users, whom its package made; otherwise there is but one.
            login="dovenull" if root else getpass.getuser(),
            internal="dovecot" if root else getpass.getuser(),
            group="dovecot" if root else grp.getgrgid(os.getgid()).gr_name,
            chroot="" if root else "chroot =",
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            capability=capability,
            oauth=oauth if introspect else "",
        )
    )
    return path


def make_certificate(folder: Path) -> Path:
    """A certificate for localhost that signs itself, with its key, in one file."""
    path = folder / "mail.pem"
    subprocess.run(
        shlex.split(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
            " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem"
        ),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    path.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return path


class Team:
    """People who use the mailbox with their mail programs, and customers who write to it."""

    def __init__(self, port: int) -> None:
        self.imap = imaplib.IMAP4("127.0.0.1", port)
        self.imap.login(USER, PASSWORD)
        self.imap.select("INBOX")

    def arrives(self, mail: EmailMessage | bytes, folder: str = "INBOX", date: str | None = None) -> None:
        """A mail is delivered, or a copy of one is kept."""
        kind, _ = self.imap.append(folder, "", date or "", bytes(mail))
        assert kind == "OK"

    def flag(self, message_id: str, flags: str) -> None:
        kind, _ = self.imap.uid("STORE", self.find(message_id), "+FLAGS", flags)
        assert kind == "OK"

    def move(self, message_id: str, folder: str) -> None:
        kind, _ = self.imap.uid("MOVE", self.find(message_id), folder)
        assert kind == "OK"

    def delete(self, message_id: str) -> None:
        uid = self.find(message_id)
        self.imap.uid("STORE", uid, "+FLAGS", "(\\Deleted)")
        self.imap.uid("EXPUNGE", uid)

    def find(self, message_id: str) -> str:
        self.imap.noop()
        _, (found,) = self.imap.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"')
        return str(found.split()[0].decode())


def mail(
    message_id: str,
    *,
    sender: str = "Ana <ana@customer.example>",
    subject: str = "A question",
    answers: str = "",
    **more: str,
) -> EmailMessage:
    """A mail as a mail program writes it."""
    told = EmailMessage()
    told["From"], told["To"], told["Subject"], told["Message-ID"] = sender, USER, subject, message_id
    told["Date"] = "Sat, 21 Nov 2026 10:00:00 +0000"
    if answers:
        told["In-Reply-To"] = answers.rpartition(" ")[2]
        told["References"] = answers
    told.set_content("Hello")  # first, because it takes all fields of the content away
    for name, value in more.items():
        told[name.replace("_", "-")] = value
    return told


class Dovecot(Struct):
    """A running Dovecot: its port in the clear, its port with TLS, and the folder it keeps everything in."""

    server: Server
    port: int
    tls_port: int
    folder: Path
    teams: list[Team] = []

    async def team(self) -> Team:
        """Somebody who uses the mailbox, until the server ends."""
        team = await asyncio.to_thread(Team, self.port)
        self.teams.append(team)
        return team

    def stop(self) -> None:
        """End it and all its conversations, which would go on for a while without it."""
        master = (self.folder / "run" / "master.pid").read_text().strip()
        talking = [one for one in map(_child_of(master), Path("/proc").glob("[0-9]*/stat")) if one]
        self.server.stop()
        for process in talking:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _child_of(master: str) -> Callable[[Path], int | None]:
    """Tells of a process, by its file, its number if it is a conversation of this Dovecot's."""

    def told(path: Path) -> int | None:
        with contextlib.suppress(OSError):
            number, name, _, parent = path.read_text().split()[:4]
            if parent == master and name == "(imap)":
                return int(number)
        return None

    return told


@contextlib.contextmanager
def dovecot(
    *, capability: str = "", certificate: Path | None = None, introspect: str = ""
) -> Iterator[Dovecot]:
    """Dovecot with one empty mailbox.

    Args:
        capability: What it should say it can; empty: all that it can.
        certificate: For TLS, with its key.
        introspect: Where it asks whether an access token is good.
    """
    # Not in the test's own folder, where other users than the test's may not go.
    with tempfile.TemporaryDirectory(prefix="queuewatch-dovecot-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        port, tls_port = free_port(), free_port()
        config = dovecot_config(
            folder,
            port,
            capability=capability,
            tls_port=tls_port,
            certificate=certificate,
            introspect=introspect,
        )
        command = [shutil.which("dovecot") or "/usr/sbin/dovecot", "-F", "-c", str(config)]
        with running(command, port, folder / "start.log") as server:
            told = Dovecot(server, port, tls_port, folder)
            try:
                yield told
            finally:
                for team in told.teams:
                    team.imap.shutdown()
