"""The boards are what the code says, ask only for what exists, and say what they show."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice, pairwise

import pytest
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import BOARDS, path, text
from dashboards.grafana.colours import DIM, HURTS, OTHER, PLAIN, SPARE, WARNING, WARNING_GROUND, WELL
from dashboards.grafana.heat import LINES_S, Row, rows
from dashboards.grafana.kit import ref_ids
from queuewatch.core.view import BUCKETS_S
from tests.dashboards.boards import Json, annotated, metrics, panels, queries, read
from tests.dashboards.exposed import FROM_OTHERS, exposed, recorded

PANEL_TYPES = {"stat", "bargauge", "table", "statetimeline", "state-timeline", "timeseries"}
UNITS = {value for name, value in vars(units).items() if name.isupper() or name[0].isupper()}
TRANSFORMERS = {"merge", "organize", "sortBy"}
every_board = pytest.mark.parametrize("name", BOARDS)


@every_board
def test_the_file_is_what_the_code_makes(name: str) -> None:
    assert path(name).read_text(encoding="utf-8") == text(name), "run: python -m dashboards.grafana"


def test_no_file_is_left_of_a_board_that_is_gone() -> None:
    assert {file.stem for file in path("any").parent.glob("*.json")} == set(BOARDS)


@every_board
def test_the_sdk_reads_the_board_as_it_wrote_it(name: str) -> None:
    register_default_plugins()
    read_again = Dashboard.from_json(read(name))
    assert read_again.uid == read(name)["uid"]
    assert len(read_again.panels or []) == len(read(name)["panels"])


def test_no_two_boards_have_the_same_uid() -> None:
    uids = [read(name)["uid"] for name in BOARDS]
    assert len(set(uids)) == len(uids)


@every_board
def test_ids_and_titles_of_panels_are_unique(name: str) -> None:
    every = read(name)["panels"]
    assert [value for value, times in Counter(one["id"] for one in every).items() if times > 1] == []
    assert [value for value, times in Counter(one["title"] for one in every).items() if times > 1] == []


@every_board
def test_every_panel_has_unit_description_thresholds_and_a_word_for_nothing(name: str) -> None:
    for panel in panels(name):
        own = panel["fieldConfig"]["defaults"]
        assert len(panel["description"]) > 30, panel["title"]
        assert own["unit"] in UNITS or own["unit"].startswith("suffix:"), (panel["title"], own["unit"])
        assert own["thresholds"]["steps"][0]["value"] is None, panel["title"]
        borders = [step["value"] for step in own["thresholds"]["steps"][1:]]
        assert all(one < other for one, other in pairwise(borders)), panel["title"]
        assert own["noValue"], panel["title"]


@every_board
def test_every_panel_is_of_a_kind_that_grafana_has(name: str) -> None:
    for panel in panels(name):
        assert panel["type"] in PANEL_TYPES, panel["title"]
        assert {one["id"] for one in panel.get("transformations", [])} <= TRANSFORMERS


@every_board
def test_every_query_of_a_panel_has_a_name_and_a_source(name: str) -> None:
    for panel in panels(name):
        names = [target["refId"] for target in panel["targets"]]
        assert names == list(islice(ref_ids(), len(names)))
        for one in (panel, *panel["targets"]):
            assert one["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@every_board
def test_panels_lie_beside_each_other_within_the_grid(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in read(name)["panels"]:
        at = panel["gridPos"]
        cells = {(at.get("x", 0) + x, at.get("y", 0) + y) for x in range(at["w"]) for y in range(at["h"])}
        assert all(x < 24 for x, _ in cells), panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


@every_board
def test_every_override_names_something_the_panel_shows(name: str) -> None:
    """A colour for a series that cannot be there is a typing error; names with labels in them may be."""
    for panel in panels(name):
        legends = [target["legendFormat"] for target in panel["targets"]]
        shown = {
            renamed
            for one in panel.get("transformations", [])
            if one["id"] == "organize"
            for renamed in one["options"]["renameByName"].values()
        }
        shapes = [re.sub(r"\\{\\{\w+\\}\\}", r"[\\w ]+", re.escape(legend)) for legend in (*legends, *shown)]
        for override in panel["fieldConfig"]["overrides"]:
            called = override["matcher"]["options"]
            if override["matcher"]["id"] == "byRegexp":
                assert any(re.search(called.strip("/"), one) for one in (*legends, *shown)), called
                continue
            assert any(re.fullmatch(shape, called) for shape in shapes), (panel["title"], called)


def test_every_metric_that_is_asked_for_exists() -> None:
    known = exposed() | recorded() | FROM_OTHERS
    asked = {
        (one.board, one.panel, metric) for one in (*queries(), *annotated()) for metric in metrics(one.expr)
    }
    assert {one for one in asked if one[2] not in known} == set()
    assert len(asked) > 60


@every_board
def test_one_chooses_site_channel_and_queue_and_finds_the_other_boards(name: str) -> None:
    board = read(name)
    assert [one["name"] for one in board["templating"]["list"]] == ["datasource", "site", "channel", "queue"]
    (link,) = board["links"]
    assert (link["type"], link["tags"], link["includeVars"]) == ("dashboards", ["queuewatch"], True)
    assert board["tags"] == ["queuewatch"]


def test_the_links_to_a_queue_lead_to_the_board_of_queues() -> None:
    assert read("queue-detail")["uid"] == "queuewatch-queue"
    urls = re.findall(r"/d/(queuewatch-\w+)", path("wall-board").read_text(encoding="utf-8"))
    assert set(urls) == {"queuewatch-queue"}


@every_board
def test_only_colours_that_everybody_tells_apart_are_used(name: str) -> None:
    used = set(re.findall(r"#[0-9A-Fa-f]{6}\b", path(name).read_text(encoding="utf-8")))
    assert used <= {WELL, WARNING, HURTS, PLAIN, OTHER, SPARE, DIM, WARNING_GROUND}
    for panel in panels(name):
        assert panel["fieldConfig"]["defaults"]["color"]["mode"] == "thresholds", panel["title"]


def test_rows_and_bands_of_waits_end_where_the_histograms_do() -> None:
    """Another border would be a row that is always empty."""
    asked = {float(border) for one in queries() for border in borders(one.expr)}
    assert {60.0, 180.0} < asked <= set(BUCKETS_S)


def borders(expr: str) -> list[str]:
    """The borders of buckets that a query asks for by name."""
    found = re.findall(r'le=~"\(([\d|]+)\)', expr)
    return [border for one in found for border in one.split("|")]


def heat_map() -> Json:
    """The panel of Queue detail that shows the waits as a heat map."""
    return next(one for one in panels("queue-detail") if "heat map" in one["title"])


def test_the_heat_map_has_the_lines_of_60_and_180_seconds_on_the_borders_they_name() -> None:
    panel = heat_map()
    (axis,) = (one["options"] for one in panel["fieldConfig"]["defaults"]["mappings"])
    drawn = {target["legendFormat"]: target["expr"] for target in panel["targets"]}
    for line in LINES_S:
        at = re.match(r"(\d+) \+ vector\(0\)", drawn[f"{line} s"])
        assert at
        assert axis[at[1]]["text"] == f"{line} s"
    names = [target["legendFormat"] for target in panel["targets"]]
    assert names[-len(LINES_S) :] == [f"{line} s" for line in LINES_S], "lines lie over the cells"


def test_every_cell_of_the_heat_map_is_filled_down_to_the_border_of_its_row() -> None:
    panel = heat_map()
    names = {target["legendFormat"] for target in panel["targets"]}
    filled = {
        override["matcher"]["options"].strip("/"): one["value"]
        for override in panel["fieldConfig"]["overrides"]
        for one in override["properties"]
        if one["id"] == "custom.fillBelowTo"
    }
    assert set(filled.values()) <= names
    cells = {name for name in names for pattern in filled if re.search(pattern, name)}
    assert len(cells) == 3 * len(list(rows()))
    assert cells | set(filled.values()) | {f"{line} s" for line in LINES_S} == names


def test_the_rows_of_the_heat_map_leave_no_wait_out() -> None:
    every = list(rows())
    assert (every[0].begin_s, every[-1].end_s) == (0, None)
    assert all(one.end_s == other.begin_s for one, other in pairwise(every))
    assert [one.number for one in every] == list(range(len(every)))
    assert Row(0, 0, 30).name == "0 to 30 s"
    assert Row(9, 86400, None).name == "over 86400 s"
