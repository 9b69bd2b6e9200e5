"""docker-compose.yml and Dockerfile hold to their rules: pinned, unprivileged, read-only and watched."""

from __future__ import annotations

import json
import re
import runpy
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from queuewatch import __version__
from queuewatch.config.sections import Token
from tests.real.servers import shipped

COMPOSE = shipped("docker-compose.yml")
SETTINGS = {"GRAFANA_PASSWORD": "made up"}
Json = dict[str, Any]


def filled(text: str) -> str:
    """The text with variables replaced, as compose does: by SETTINGS, else by the default behind `:-`."""

    def value(found: re.Match[str]) -> str:
        name, kind, otherwise = found[1], found[2], found[3]
        assert name in SETTINGS or kind == ":-", f"{name} has no default"
        return SETTINGS.get(name, otherwise)

    return re.sub(r"\$\{(\w+)(:-|:\?)([^}]*)\}", value, text)


@pytest.fixture(scope="module")
def compose() -> Json:
    whole: Json = yaml.safe_load(filled(COMPOSE.read_text()))
    return whole


@pytest.fixture(scope="module")
def services(compose: Json) -> dict[str, Json]:
    found: dict[str, Json] = compose["services"]
    return found


SCHEMA: Json = json.loads(
    files("check_jsonschema.builtin_schemas.vendor").joinpath("compose-spec.json").read_text()
)
"""The specification's own schema, as the package check-jsonschema carries it, with its licence."""


def faults(compose: Json) -> list[str]:
    """What the specification's schema has against it."""
    return [f"{one.json_path}: {one.message}" for one in validator_for(SCHEMA)(SCHEMA).iter_errors(compose)]


def test_it_is_as_the_schema_of_the_compose_specification_wants_it(compose: Json) -> None:
    assert SCHEMA["title"] == "Compose Specification"
    assert faults(compose) == []


def test_the_schema_would_find_a_slip(compose: Json) -> None:
    changed = {**compose, "services": {**compose["services"], "demo": {"image": "x", "helthcheck": {}}}}
    (fault,) = faults(changed)
    assert fault.startswith("$.services.demo: ")
    assert "'helthcheck' was unexpected" in fault


def test_every_image_is_pinned_to_a_full_version(services: dict[str, Json]) -> None:
    for name, service in services.items():
        assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", service["image"]), name


def test_our_image_bears_our_version(services: dict[str, Json]) -> None:
    ours = {service["image"] for service in services.values() if service["image"].startswith("queuewatch:")}
    assert ours == {f"queuewatch:{__version__}"}


def test_every_service_is_unprivileged_and_bounded(services: dict[str, Json]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert re.fullmatch(r"[1-9]\d*:\d+", service["user"]), name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert "privileged" not in service, name


def test_every_service_that_stays_has_a_health_check(services: dict[str, Json]) -> None:
    for name, service in services.items():
        check = service["healthcheck"]
        assert check.get("disable") is (True if service["restart"] == "no" else None), name
        if service["restart"] != "no":
            assert check["test"][0] == "CMD", name
            assert {"interval", "timeout", "retries"} <= set(check), name


def test_only_this_machine_reaches_the_ports(services: dict[str, Json]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_whoever_is_waited_for_exists_and_can_be_healthy(services: dict[str, Json]) -> None:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, name
            ends = services[other]["restart"] == "no"
            assert (how["condition"] == "service_completed_successfully") is ends, (name, other)


def test_every_file_that_is_mounted_exists_and_cannot_be_written(services: dict[str, Json]) -> None:
    mounted = [one for service in services.values() for one in service["volumes"] if one.startswith(".")]
    assert len(mounted) >= 10
    for one in mounted:
        source, _, how = one.split(":")
        assert shipped(source).exists(), source
        assert how == "ro", source


def test_every_volume_is_declared_and_used(compose: Json, services: dict[str, Json]) -> None:
    named = {one.split(":")[0] for service in services.values() for one in service["volumes"]}
    assert {one for one in named if not one.startswith(".")} == set(compose["volumes"])


def test_no_secret_stands_in_the_file(compose: Json) -> None:
    for name, secret in compose["secrets"].items():
        assert shipped(secret["file"]).is_file(), name
    values = re.findall(r"(?i)(?:password|token|secret|key)\w*: *(\S+)", COMPOSE.read_text())
    assert [value for value in values if not value.startswith("${")] == []


def test_the_example_of_env_names_every_variable() -> None:
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))
    told = set(re.findall(r"^(\w+)=", shipped(".env.example").read_text(), flags=re.MULTILINE))
    assert asked == told
    assert "\n.env\n" in shipped(".gitignore").read_text()


def test_prometheus_begins_when_the_past_of_the_demo_is_told_and_without_a_demo_at_once(
    services: dict[str, Json],
) -> None:
    waits = services["prometheus"]["depends_on"]["demo"]
    assert waits == {"condition": "service_healthy", "required": False}
    live = services["demo"]["entrypoint"][-1]
    assert f"os.stat('{live}')" in services["demo"]["healthcheck"]["test"][-1]


def test_the_demo_runs_only_when_it_is_asked_for(services: dict[str, Json]) -> None:
    assert [name for name, service in services.items() if "profiles" in service] == ["demo"]


def _directives(path: str) -> list[str]:
    lines = (line.split(" #")[0].rstrip() for line in shipped(path).read_text().splitlines())
    return [line for line in lines if line and not line.lstrip().startswith("#")]


def test_prometheus_is_configured_as_without_containers_but_for_names_and_token() -> None:
    native, ours = _directives("config/prometheus.yml"), _directives("config/compose/prometheus.yml")
    assert [line for line in ours if line not in native] == [
        '        - targets: ["alertmanager:9093"]',
        "    authorization:",
        "      credentials_file: /access/prometheus.token",
        '      - targets: ["queuewatch:8080"]',
    ]
    assert [line for line in native if line not in ours] == [
        '        - targets: ["127.0.0.1:9093"]',
        '      - targets: ["127.0.0.1:8080"]',
    ]


def test_mosquitto_is_configured_as_without_containers_but_for_the_login() -> None:
    native, ours = _directives("config/mosquitto.conf"), _directives("config/compose/mosquitto.conf")
    assert [line for line in ours if line not in native] == [
        "persistence_location /mosquitto/data/",
        "listener 1883",
        "allow_anonymous false",
        "password_file /access/mosquitto.passwd",
    ]
    assert [line for line in native if line not in ours] == [
        "persistence_location /var/lib/mosquitto/",
        "listener 1883 127.0.0.1",
        "allow_anonymous true",
    ]


def test_grafana_finds_the_data_source_and_the_boards(services: dict[str, Json]) -> None:
    folder = "config/grafana/provisioning"
    (source,) = yaml.safe_load(shipped(f"{folder}/datasources/prometheus.yml").read_text())["datasources"]
    assert (source["type"], source["url"], source["isDefault"]) == (
        "prometheus",
        "http://prometheus:9090",
        True,
    )
    (provider,) = yaml.safe_load(shipped(f"{folder}/dashboards/queuewatch.yml").read_text())["providers"]
    assert f"./dashboards/grafana:{provider['options']['path']}:ro" in services["grafana"]["volumes"]


# The Dockerfile, by the rules that hadolint checks, as far as they matter here.


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    text = shipped("Dockerfile").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_base_image_is_pinned_and_the_same_in_both_stages(dockerfile: list[str]) -> None:
    bases = [line.split()[1] for line in dockerfile if line.startswith("FROM ")]
    assert len(bases) == 2
    assert set(bases) == {bases[0]}
    assert re.fullmatch(r"python:3\.12\.\d+-slim-\w+", bases[0])


def test_the_image_runs_as_nobody_in_particular_and_has_a_health_check(dockerfile: list[str]) -> None:
    last = max(index for index, line in enumerate(dockerfile) if line.startswith("FROM "))
    final = dockerfile[last:]
    assert [line for line in final if line.startswith("USER ")] == ["USER 10001:10001"]
    for word in ("HEALTHCHECK", "ENTRYPOINT", "CMD"):
        (line,) = [line for line in final if line.startswith(word)]
        command = line[line.index("[") :]
        assert isinstance(json.loads(command), list), "in exec form, so that signals arrive"
    # The build's leftovers stay in the build's stage.
    assert not [line for line in final if line.startswith(("COPY", "ADD"))]


def test_what_is_installed_is_held_by_constraints_and_leaves_no_cache(dockerfile: list[str]) -> None:
    pips = [line for line in dockerfile if " pip " in line]
    assert len(pips) == 2
    assert all("--no-cache-dir" in line for line in pips)
    assert "--constraint constraints.txt" in pips[0]
    assert "--no-index" in pips[1]
    assert not [line for line in dockerfile if re.search(r"\b(apt-get|curl|wget|sudo|latest)\b", line)]


def test_the_builder_sees_the_source_and_nothing_else() -> None:
    ignore = _directives(".dockerignore")
    assert ignore[0] == "*"
    sent = {line[1:] for line in ignore if line.startswith("!")}
    assert sent == {"queuewatch", "pyproject.toml", "constraints.txt", "LICENSE", "README.md"}


def test_the_scopes_of_the_tokens_exist_and_ours_may_not_do_more_than_they_need() -> None:
    source = shipped("config/compose/first_start.py").read_text()
    assert '"prometheus": ("read",)' in source
    assert '"pbx": ("ingest", "promise")' in source  # its voice menu asks what to tell those who wait
    assert Token.__struct_fields__ == ("name", "scopes", "sha256")


def test_a_login_that_somebody_added_at_the_broker_is_there_after_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.umask", lambda _mask: 0)  # this process's own stays as it is
    script = runpy.run_path(str(shipped("config/compose/first_start.py")))
    base = shipped("config/compose/queuewatch.toml")
    script["main"](base, tmp_path)
    passwords = tmp_path / "mosquitto.passwd"
    ours = {line.partition(":")[0] for line in passwords.read_text().splitlines()}
    passwords.write_text(passwords.read_text() + "\nswitch:$7$101$c2FsdA==$aGFzaA==\n")
    script["main"](base, tmp_path)
    lines = passwords.read_text().splitlines()
    assert {line.partition(":")[0] for line in lines} == ours | {"switch"}
    assert "switch:$7$101$c2FsdA==$aGFzaA==" in lines
