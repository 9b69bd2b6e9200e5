"""Tests of the table of webhook systems: each can be configured, and has its page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from queuewatch.config import Secret, Settings, WebhookSource, load
from queuewatch.config.sections import SourceKind
from queuewatch.sources.webhooks import KINDS, webhooks
from tests.sources.conformance import hidden

DOCS = Path(__file__).parents[2] / "docs/sources"
ENVIRON = re.compile(r'env = "([A-Z_]+)"')


def test_every_kind_that_can_be_configured_is_there() -> None:
    assert set(get_args(SourceKind)) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_page_whose_config_is_taken(kind: str, tmp_path: Path) -> None:
    page = (DOCS / f"{kind.replace('-', '_')}.md").read_text()
    (toml,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "queuewatch.toml"
    path.write_text(re.sub(r"(?m)^   ", "", toml))
    settings = load(path, dict.fromkeys(ENVIRON.findall(toml), "a secret"))
    (own,) = settings.sources.values()
    assert own.kind == kind
    (source,) = webhooks(settings, hidden)
    assert source.name in settings.sources


def test_the_site_is_the_sources_own_or_everybodys() -> None:
    own = WebhookSource(kind="zammad", secret=Secret("s"))
    north = WebhookSource(kind="zammad", secret=Secret("s"), site="north")
    first, second = webhooks(Settings(sources={"a": own, "b": north}), hidden)
    body = (
        b'{"ticket": {"id": 1, "group": {"name": "g"}, "created_at": "2026-11-21T10:00:00Z",'
        b' "updated_at": "2026-11-21T10:00:00Z"}}'
    )
    assert [one.parse(body, "")[0].site for one in (first, second)] == ["default", "north"]  # type: ignore[union-attr]
