"""What all boards are made of: panels that never lack unit, thresholds and description, and boards of them.

The SDK leaves panel ids, refIds and field options empty where nobody sets them; here they always are set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from string import ascii_uppercase
from typing import Literal

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.builders.common import ReduceDataOptions as ReduceOptions
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import ReduceDataOptions
from grafana_foundation_sdk.models.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardCursorSync,
    DashboardDashboardTemplating,
    DashboardFieldConfigSourceOverrides,
    DashboardLink,
    DashboardLinkType,
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColor,
    FieldColorModeId,
    FieldConfig,
    FieldConfigSource,
    GridPos,
    MatcherConfig,
    Panel,
    ThresholdsConfig,
    ValueMapping,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)
from grafana_foundation_sdk.models.prometheus import Dataquery, PromQueryFormat

from dashboards.grafana.colours import HURTS, WARNING, Steps, thresholds

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
TAG = "queuewatch"


@dataclass(frozen=True)
class Query:
    """One question to Prometheus and how its answers are called; `now` asks for the latest value only."""

    expr: str
    legend: str = ""
    now: bool = False
    form: Literal["time_series", "table", "heatmap"] = "time_series"


@dataclass(frozen=True)
class Look:
    """How values of a panel are shown.

    Attributes:
        unit: Grafana's id of it.
        steps: Colours by value.
        words: What to read instead of a value.
        none: What stands where there is no value.
        colours: Fixed colours by the name of a series; without it, the value decides (steps).
        links: Where a click on a value leads.
        more: Further properties by the name of a series or column, or by a pattern of names between slashes.
    """

    unit: str
    steps: Steps
    decimals: int | None = None
    least: float | None = None
    most: float | None = None
    words: Sequence[ValueMapping] = ()
    none: str = "unknown"
    colours: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[DashboardLink] = ()
    more: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def panel(
    kind: Builder[Panel],
    title: str,
    about: str,
    queries: Sequence[Query],
    look: Look,
    *,
    size: tuple[int, int],
    transformations: Sequence[tuple[str, object]] = (),
) -> Panel:
    """A panel without place and id.

    Args:
        kind: One of the SDK's panel builders, with what only that kind has already set.
        title: Short.
        about: What one sees, and what to do about it; never empty.
        queries: At least one.
        look: Unit and colours.
        size: Width (of 24) and height (of 30 pixels).
        transformations: Grafana's transformers, by id, with their options.
    """
    made = kind.build()
    made.title, made.description, made.datasource = title, about, SOURCE
    made.targets = [_target(query, letters) for query, letters in zip(queries, ref_ids(), strict=False)]
    made.grid_pos = GridPos(w=size[0], h=size[1])
    own = made.field_config or FieldConfigSource()
    custom = own.defaults.custom
    made.field_config = FieldConfigSource(
        defaults=FieldConfig(
            unit=look.unit,
            decimals=look.decimals,
            min_val=look.least,
            max_val=look.most,
            mappings=list(look.words),
            thresholds=ThresholdsConfig(steps=thresholds(look.steps)),
            color=FieldColor(mode=FieldColorModeId.THRESHOLDS),
            no_value=look.none,
            links=list(look.links),
            custom=custom if custom is not None else {},
        ),
        overrides=[*_coloured(look.colours), *(_override(name, more) for name, more in look.more.items())],
    )
    made.transformations = [DataTransformerConfig(id_val=one, options=how) for one, how in transformations]
    return made


def ref_ids() -> Iterator[str]:
    """The names Grafana gives to queries: A to Z, then AA and so on."""
    yield from ascii_uppercase
    yield from (one + other for one in ascii_uppercase for other in ascii_uppercase)


def _target(query: Query, name: str) -> Dataquery:
    made = prometheus.Dataquery().expr(query.expr).ref_id(name).datasource(SOURCE)
    made = made.format(PromQueryFormat(query.form)).legend_format(query.legend or "__auto")
    return (made.instant() if query.now else made.range()).build()


def _coloured(colours: Mapping[str, str]) -> list[DashboardFieldConfigSourceOverrides]:
    return [
        _override(name, {"color": {"mode": "fixed", "fixedColor": colour}})
        for name, colour in colours.items()
    ]


def _override(name: str, properties: Mapping[str, object]) -> DashboardFieldConfigSourceOverrides:
    return DashboardFieldConfigSourceOverrides(
        matcher=MatcherConfig(id_val="byRegexp" if name.startswith("/") else "byName", options=name),
        properties=[DynamicConfigValue(id_val=one, value=value) for one, value in properties.items()],
    )


@dataclass(frozen=True)
class Section:
    """Panels under a heading; without a heading they follow the ones before."""

    heading: str
    panels: Sequence[Panel]


class _Made(Builder[Panel]):
    """A finished panel where the SDK asks for a builder."""

    def __init__(self, made: Panel) -> None:
        self._made = made

    def build(self) -> Panel:
        return self._made


def board(
    name: str,
    title: str,
    about: str,
    sections: Sequence[Section],
    *,
    one_queue: bool = False,
    refresh: str = "5s",
    since: str = "now-1h",
) -> Dashboard:
    """A whole board.

    Args:
        name: Its uid is `queuewatch-` and this; links rely on it.
        title: As it appears in Grafana.
        about: What it is for.
        sections: From top to bottom.
        one_queue: Whether it begins with one queue, not with all.
        refresh: How often it asks anew.
        since: Where its time begins.
    """
    made = build.Dashboard(title).uid(f"{TAG}-{name}").description(about).tags([TAG]).readonly()
    made = made.refresh(refresh).time(since, "now").timezone("browser")
    made = made.tooltip(DashboardCursorSync.CROSSHAIR)
    ids = count(1)
    for section in sections:
        if section.heading:
            made = made.with_row(build.Row(section.heading).id(next(ids)))
        for one in section.panels:
            one.id_val = next(ids)
            made = made.with_panel(_Made(one))
    whole = made.build()
    whole.templating = DashboardDashboardTemplating(list_val=_variables(one_queue=one_queue))
    whole.annotations.list_val = _annotations()
    whole.links = [_others()]
    return whole


def _variables(*, one_queue: bool) -> list[VariableModel]:
    source = build.DatasourceVariable("datasource").label("Data source").type("prometheus").build()
    waiting = "queuewatch_contacts_waiting"
    chosen = 'site=~"$site",channel=~"$channel"'
    return [
        source,
        _variable("site", "Site", f"label_values({waiting}, site)"),
        _variable("channel", "Channel", f'label_values({waiting}{{site=~"$site"}}, channel)'),
        _variable("queue", "Queue", f"label_values({waiting}{{{chosen}}}, queue)", all_of_them=not one_queue),
    ]


def _variable(name: str, label: str, query: str, *, all_of_them: bool = True) -> VariableModel:
    # Grafana escapes a value for use in a pattern only where several can be chosen.
    made = build.QueryVariable(name).label(label).datasource(SOURCE)
    made = made.query({"query": query, "refId": name}).refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    made = made.sort(VariableSort.ALPHABETICAL_ASC).multi(True).include_all(all_of_them)
    if all_of_them:
        made = made.all_value(".*").current(VariableOption(text="All", value="$__all", selected=True))
    return made.build()


def _annotations() -> list[AnnotationQuery]:
    queues = '{site=~"$site",channel=~"$channel",queue=~"$queue"}'
    return [
        _Annotation(
            "Notices",
            WARNING,
            f"queuewatch_notice_level{queues} > 0",
            "{{queue}}",
            "Customers are told: busy",
        ),
        _Annotation(
            "Source silent", HURTS, "queuewatch_source_up == 0", "{{source}}", "The source is silent"
        ),
        _Annotation(
            "queuewatch down", HURTS, 'up{job="queuewatch"} == 0', "queuewatch", "It could not be scraped"
        ),
        _Annotation(
            "Alerts",
            HURTS,
            'ALERTS{alertstate="firing",service="queuewatch"}',
            "{{alertname}} {{queue}}{{source}}",
            "An alert is on",
        ),
    ]


class _Annotation(AnnotationQuery):
    """An annotation from a query to Prometheus, whose own fields the SDK does not know.

    Where the query has an answer at consecutive steps, Grafana draws one region from the first to the last.
    """

    def __init__(self, name: str, colour: str, expr: str, title: str, text: str) -> None:
        super().__init__(name=name, datasource=SOURCE, enable=True, icon_color=colour, expr=expr)
        self._words = {"titleFormat": title, "textFormat": text, "step": "15s"}

    def to_json(self) -> dict[str, object]:
        return {**super().to_json(), **self._words, "useValueForTime": False}


def _others() -> DashboardLink:
    """All other boards with our tag; they keep the chosen queue and time."""
    made = build.DashboardLink("Other boards").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return made.as_dropdown(False).include_vars(True).keep_time(True).build()


def to_queue(of: str = "${__field.labels.queue}") -> list[DashboardLink]:
    """The link from a value to the board of its queue; `of` is how Grafana names that queue."""
    url = (
        f"/d/{TAG}-queue?${{datasource:queryparam}}&${{site:queryparam}}&var-queue={of}&${{__url_time_range}}"
    )
    return [build.DashboardLink("Open this queue").type(DashboardLinkType.LINK).url(url).build()]


def latest() -> Builder[ReduceDataOptions]:
    """A number or bar shows the last known value of its series."""
    return ReduceOptions().calcs(["lastNotNull"]).values(False)
