"""What `queuewatch check` tries."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from queuewatch.cli.probes import (
    PROBES,
    Finding,
    data_dir,
    followed_sources,
    http_address,
    http_certificate,
    journal,
    kept_keys,
    mail_out,
    mqtt_broker,
    mqtt_certificate,
    planner,
    senders,
    webhook_sources,
)
from queuewatch.config import (
    JOURNAL_FILE,
    AsteriskQueueLogSource,
    Http,
    Mqtt,
    Secret,
    Service,
    Settings,
    Token,
    WebhookSource,
)
from queuewatch.config.outgoing import Hook, Teams
from queuewatch.config.sections import Planner, SmtpSection
from queuewatch.mqtt.broker import Broker
from queuewatch.store.database import open_for_writing

TOKEN = Token(name="board", scopes=("read",), sha256="0" * 64)


@pytest.fixture
def listener() -> Iterator[int]:
    """A port of this machine that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_directory_that_is_there_is_written_to_and_left_as_it_was(tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path))
    assert list(data_dir(settings)) == [Finding("ok", "service", f"data_dir {tmp_path} can be written")]
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_another_user_made_is_not_ours_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, lock = open_for_writing(tmp_path / JOURNAL_FILE)
    database.close()
    lock.release()
    # The tests may run as root, whom nothing is forbidden.
    (tmp_path / f"{JOURNAL_FILE}.before-upgrade").touch()  # a backup is nobody's concern
    monkeypatch.setattr(os, "access", lambda path, _how: not str(path).endswith((".lock", "-upgrade")))
    (finding,) = journal(Settings(service=Service(data_dir=tmp_path)))
    assert finding.state == "wrong"
    assert finding.said == (
        f"{tmp_path / JOURNAL_FILE}.lock is not this user's to write; "
        "let the user who runs the service own it"
    )


def test_a_damaged_key_is_found_before_the_service_is_stopped_for_it(tmp_path: Path) -> None:
    (tmp_path / "vouchers.key").write_text("short\n")
    (finding,) = kept_keys(Settings(service=Service(data_dir=tmp_path)))
    assert (finding.state, finding.what) == ("wrong", "service")
    assert finding.said.startswith(f"{tmp_path}/vouchers.key: the key is damaged;")


def test_a_key_that_is_gone_from_beside_a_journal_is_noted_and_none_is_made(tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path))
    assert list(kept_keys(settings)) == []
    (tmp_path / JOURNAL_FILE).touch()
    (finding,) = kept_keys(settings)
    assert (finding.state, finding.said.partition(",")[0]) == ("note", "no customers.key beside the journal")
    assert not (tmp_path / "customers.key").exists()


def test_what_plans_need_is_tried_as_the_service_will_need_it(tmp_path: Path) -> None:
    assert list(planner(Settings())) == []
    (good,) = planner(Settings(planner=Planner(country="DE", region="BE")))
    assert (good.state, good.said) == ("ok", "plans can be made (DE, BE)")
    (bad,) = planner(Settings(planner=Planner(country="XX")))
    assert (bad.state, bad.what) == ("wrong", "planner")
    assert bad.said.startswith('planner.country is "XX"')
    (gone,) = planner(Settings(planner=Planner(special_days=tmp_path / "none.csv")))
    assert gone.said.startswith(f"planner.special_days: {tmp_path}/none.csv: ")


def test_a_directory_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    (finding,) = data_dir(Settings(service=Service(data_dir=tmp_path / "a/b")))
    assert (finding.state, finding.said) == (
        "ok",
        f"data_dir {tmp_path}/a/b is not there yet and can be made",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_journal_is_looked_into_where_there_is_one(tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path))
    assert list(journal(settings)) == []
    path = tmp_path / JOURNAL_FILE
    database, lock = open_for_writing(path)
    database.close()
    lock.release()
    assert [finding.state for finding in journal(settings)] == ["ok"]
    with closing(sqlite3.connect(path)) as changed:
        changed.execute("PRAGMA user_version = 9999")
    (finding,) = journal(settings)
    assert finding.state == "wrong"
    assert "a newer queuewatch wrote this journal" in finding.said
    path.write_bytes(b"not a database, and longer than the header of one is, " * 4)
    assert [finding.state for finding in journal(settings)] == ["wrong"]


def test_a_port_that_somebody_listens_on_is_wrong(listener: int) -> None:
    (finding,) = http_address(Settings(http=Http(port=listener)))
    assert finding.state == "wrong"
    assert finding.said == (
        f"127.0.0.1 port {listener} cannot be listened on (Address already in use); "
        "stop what uses the port, or set http.port to another one"
    )


def test_a_port_that_the_running_service_has_is_no_mistake(listener: int, tmp_path: Path) -> None:
    settings = Settings(service=Service(data_dir=tmp_path), http=Http(port=listener))
    database, lock = open_for_writing(tmp_path / JOURNAL_FILE)
    with closing(database):
        (finding,) = http_address(settings)
        assert finding.state == "note"
        assert f"a queuewatch is running on this data_dir already (process {os.getpid()})" in finding.said
    lock.release()
    assert [finding.state for finding in http_address(settings)] == ["wrong"]


def test_an_address_that_is_not_ours_is_wrong() -> None:
    settings = Settings(http=Http(host="192.0.2.1", tokens=(TOKEN,)))  # a documentation address (RFC 5737)
    (finding,) = http_address(settings)
    assert finding.state == "wrong"
    assert "set http.host to a name or address of this machine" in finding.said


def test_tokens_in_the_clear_are_noted() -> None:
    settings = Settings(http=Http(host="0.0.0.0", port=0, tokens=(TOKEN,)))
    assert [finding.state for finding in http_address(settings)] == ["ok", "note"]


def test_without_certificates_or_a_broker_there_is_nothing_to_try() -> None:
    for probe in (http_certificate, mqtt_certificate, mqtt_broker):
        assert list(probe(Settings())) == []
    assert list(mqtt_certificate(Settings(mqtt=Mqtt()))) == []


def test_a_certificate_that_is_none_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "tls.pem"
    path.write_text("not a certificate\n")
    http = Settings(http=Http(tls_cert=path, tls_key=path))
    mqtt = Settings(mqtt=Mqtt(tls=True, tls_cert=path, tls_key=path))
    for (finding,) in (http_certificate(http), mqtt_certificate(mqtt)):
        assert finding.state == "wrong"
        assert "cannot be used together" in finding.said


def test_a_broker_that_lets_us_in_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lets_us_in(_broker: Broker, **_where: object) -> str:
        return "connected, and all is allowed"

    monkeypatch.setattr("queuewatch.mqtt.probe.probe", lets_us_in)
    (finding,) = mqtt_broker(Settings(mqtt=Mqtt()))
    assert finding == Finding("ok", "mqtt", "connected, and all is allowed")


def test_a_broker_that_does_not_answer_is_wrong() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # ours, and nobody listens
        port = held.getsockname()[1]
        (finding,) = mqtt_broker(Settings(mqtt=Mqtt(port=port)))
    assert finding.state == "wrong"
    assert f"127.0.0.1:{port}" in finding.said


@pytest.mark.parametrize(
    ("host", "finding"),
    [
        ("0.0.0.0", Finding("ok", "sources.shop", "chatwoot is listened to at /v1/sources/shop")),
        (
            "127.0.0.1",
            Finding(
                "note",
                "sources.shop",
                "chatwoot is listened to at /v1/sources/shop; "
                "http.host 127.0.0.1 is this machine only: put a proxy on it in front",
            ),
        ),
    ],
)
def test_a_webhook_source_says_where_to_send_to(host: str, finding: Finding) -> None:
    shop = WebhookSource(kind="chatwoot", secret=Secret("hush"))
    assert list(webhook_sources(Settings(http=Http(host=host), sources={"shop": shop}))) == [finding]


def test_each_source_that_we_go_to_is_tried(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text("")
    there = AsteriskQueueLogSource(kind="asterisk-queue-log", path=path)
    gone = AsteriskQueueLogSource(kind="asterisk-queue-log", path=tmp_path / "nowhere")
    shop = WebhookSource(kind="chatwoot", secret=Secret("hush"))
    first, second = followed_sources(Settings(sources={"log": there, "old": gone, "shop": shop}))
    assert first == Finding(
        "ok", "sources.log", f"{path} can be read and is empty so far; it fills as soon as a queue is used"
    )
    assert (second.state, second.what) == ("wrong", "sources.old")
    assert second.said.endswith(
        "cannot be read (No such file or directory); mend the path, or let this user read it"
    )


def test_every_probe_is_run() -> None:
    assert {data_dir, http_address, http_certificate, mqtt_certificate, mqtt_broker, followed_sources} <= set(
        PROBES
    )


def test_nothing_is_said_of_a_mail_server_that_is_not_configured() -> None:
    assert list(mail_out(Settings())) == []


def test_a_mail_server_that_is_not_there_is_wrong() -> None:
    smtp = SmtpSection(host="127.0.0.1", port=9, sender="support@shop.example", tls="off")
    (finding,) = mail_out(Settings(smtp=smtp))
    assert (finding.state, finding.what) == ("wrong", "smtp")
    assert "127.0.0.1:9 cannot be reached" in finding.said


def test_what_is_wrong_with_a_sender_is_told_of_its_section() -> None:
    nobody = Secret("http://127.0.0.1:1/x")
    found = senders(Settings(teams=Teams(url=nobody), hooks={"pager": Hook(url=nobody)}))
    assert [(one.state, one.what) for one in found] == [("wrong", "teams"), ("wrong", "hooks.pager")]
