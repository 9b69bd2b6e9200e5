"""The bake-off as one page to forward: the story in plain words, the table, and three charts. All inline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from math import isnan
from string import Template
from zoneinfo import ZoneInfo

from queuewatch.cli.charts import Style, hours, legend, reliability
from queuewatch.cli.output import seconds
from queuewatch.core.estimate.others import AVERAGE, PRODUCTS
from queuewatch.core.trust.bakeoff import Result
from queuewatch.core.trust.scores import skill
from queuewatch.core.trust.scoring import Score

_OURS, _RIVAL, _PLAIN = ("#0b5cad", ""), ("#b4440a", "7 4"), ("#767d86", "2 3")
_TODAY = " &larr; announced today"
# Scores nearer to each other than this share are not worth a "better".
_ALIKE = 0.01
# A bias below this is none to speak of, seconds.
_LEANS_S = 5.0


def page(result: Result, local: ZoneInfo, score_from: float | None, announced: str | None = None) -> str:
    """The whole page.

    Args:
        result: What came out.
        local: Time zone of the hours and dates on it.
        score_from: From when on contacts were scored; None: from the beginning.
        announced: By which rule waits are announced today, one of PRODUCTS; None: not known, or not at all.
    """
    by_chance, by_error = _styles(result, _nearest(result)), _styles(result, _closest(result))
    text = files("queuewatch.cli").joinpath("bakeoff.html").read_text(encoding="utf-8")
    return Template(text).substitute(
        when=_when(result, local, score_from),
        story=_story(result, announced),
        table=_table(result, announced),
        note=_note(result),
        reliability="".join(_figure(result, by_chance, threshold) for threshold in _thresholds(result)),
        hours=hours(
            "Out by",
            [
                (style, [(one.hour, one.mae_s) for one in result.hours.get(name, [])])
                for name, style in by_error.items()
            ],
        ),
        legend_chances=legend(list(by_chance.values())),
        legend_hours=legend(list(by_error.values())),
        zone=escape(str(local)),
        queues=_queues(result),
    )


def _thresholds(result: Result) -> list[str]:
    return [f"{t_s:g}" for t_s in result.thresholds_s]


def _by_name(result: Result) -> dict[str, Score]:
    return {one.estimator: one for one in result.scores}


def _rival(result: Result, score: Callable[[Score], float]) -> Score | None:
    """The best of the rules that products use by this score, the lower the better; no mostly silent one."""
    rules = (one for one in result.scores if one.estimator in PRODUCTS and one.estimator != AVERAGE)
    return min(
        (one for one in rules if not one.mostly_silent and not isnan(score(one))), key=score, default=None
    )


def _nearest(result: Result) -> Score | None:
    """The rule whose chances are best, at the first threshold."""
    return _rival(result, lambda one: one.brier[_thresholds(result)[0]])


def _closest(result: Result) -> Score | None:
    """The rule that is out by least."""
    return _rival(result, lambda one: one.mae_s)


def _styles(result: Result, rival: Score | None) -> dict[str, Style]:
    """Who is drawn, and how: ours, a rival, and the average."""
    drawn = {result.ours: Style("ours", *_OURS)}
    if rival is not None:
        drawn[rival.estimator] = Style(_name(rival.estimator), *_RIVAL)
    drawn[AVERAGE] = Style("always the average", *_PLAIN)
    return drawn


def _figure(result: Result, styles: dict[str, Style], threshold: str) -> str:
    series = [(style, result.reliability.get(name, {}).get(threshold, [])) for name, style in styles.items()]
    return f"<figure>{reliability(f'Waiting longer than {_long(threshold)}', series)}</figure>"


def _long(threshold: str) -> str:
    """A threshold for people: "1 min", not "1 min 0 s"."""
    return seconds(float(threshold)).removesuffix(" 0 s").removesuffix(" 0 min")


def _name(estimator: str) -> str:
    return estimator.replace("_", " ")


def _when(result: Result, local: ZoneInfo, score_from: float | None) -> str:
    begins_at, ends_at = result.begins_at, result.ends_at
    if begins_at is None or ends_at is None:
        return "There is no event in the history."
    first = begins_at if score_from is None else max(begins_at, score_from)
    scored = f"Contacts of {_day(first, local)} to {_day(ends_at, local)}"
    if first > begins_at:
        scored += f"; learned from since {_day(begins_at, local)}"
    return f"{scored}."


def _day(at: float, local: ZoneInfo) -> str:
    day = datetime.fromtimestamp(at, local)
    return f"{day.day} {day:%B %Y}"


def today(result: Result, announced: str | None) -> str:
    """How right what is announced today was, in words; empty where nobody knows what that is."""
    said = _by_name(result).get(announced or "")
    if said is None or not said.answered:
        return ""
    return (
        f"What is announced today ({PRODUCTS[said.estimator]}) was out by {seconds(said.mae_s)} on average, "
        f"and of 100 who were answered {100 * said.kept_90:.0f} waited no longer than that."
    )


def _story(result: Result, announced: str | None) -> str:
    """What came out, in words for somebody who does not read tables."""
    ours = _by_name(result).get(result.ours)
    if ours is None or not ours.contacts:
        return "<p>Nobody had to wait whose wait has ended, or there was too little to tell a wait from.</p>"
    first = _thresholds(result)[0]
    sentences = [
        (
            f"{result.waited:,} contacts had to wait. As each joined, ours said how long its wait would be, "
            f"and how likely to last longer than {_long(first)}."
        ),
        _nobody_past(result),
        _against(ours, _by_name(result).get(AVERAGE), first, "telling everybody the average"),
    ]
    sentences.insert(2, today(result, announced))
    rival = _nearest(result)
    if rival is not None:
        what = f"the best of the rules that other products use ({PRODUCTS[rival.estimator]})"
        sentences.append(_against(ours, rival, first, what))
    if ours.answered:
        sentences.append(_promises(ours, _closest(result)))
    return f"<p>{escape(' '.join(filter(None, sentences)))}</p>"


def _nobody_past(result: Result) -> str:
    first = _thresholds(result)[0]
    if result.past[first]:
        return ""
    return f"Nobody waited longer than {_long(first)}: who always denies it is right, so look at the errors."


def _against(ours: Score, other: Score | None, threshold: str, what: str) -> str:
    if other is None or isnan(other.brier[threshold]):
        return ""
    saved = skill(ours.brier[threshold], other.brier[threshold])
    if isnan(saved):
        return ""
    if abs(saved) < _ALIKE:
        return f"Its chances were about as good as those of {what}."
    word = "nearer to" if saved > 0 else "further from"
    return f"Its chances were {abs(saved):.0%} {word} what happened than {what}."


def _promises(ours: Score, rival: Score | None) -> str:
    out = f"The wait it told was out by {seconds(ours.mae_s)} on average"
    if rival is not None:
        out += f" (the rules of others: by {seconds(rival.mae_s)} or more)"
    if abs(ours.bias_s) >= _LEANS_S:
        side = "too long" if ours.bias_s > 0 else "too short"
        out += f", and on the whole {side} by {seconds(abs(ours.bias_s))}"
    kept = f"Of 100 waits it promised with nine in ten to be kept, {100 * ours.kept_90:.0f} were."
    if isnan(ours.coverage_80):
        return f"{out}. {kept}"
    return (
        f"{out}. {kept} Of 100 ranges that were to hold four times in five, {100 * ours.coverage_80:.0f} did."
    )


def _note(result: Result) -> str:
    silent = max((one.no_estimate for one in result.scores), default=0)
    if not silent:
        return ""
    return (
        "Where one had no estimate, the contact is left out of its row and of its comparisons "
        f"({silent} contacts at most)."
    )


def _table(result: Result, announced: str | None) -> str:
    thresholds = _thresholds(result)
    header = [
        "",
        *(f"Brier score, {_long(t)}" for t in thresholds),
        *(f"better than the average, {_long(t)}" for t in thresholds),
        *("out by", "leaning", "80 % range holds", "90 % promise kept"),
    ]
    rows = [(_kind(one, result, announced), _cells(one, result, announced)) for one in result.scores]
    return _html_table(header, rows)


def _kind(score: Score, result: Result, announced: str | None) -> str:
    if score.estimator == result.ours:
        return "ours"
    return "today" if score.estimator == announced else "other"


def _cells(score: Score, result: Result, announced: str | None) -> list[str]:
    name = escape(_name(score.estimator)) + (_TODAY if score.estimator == announced else "")
    return [
        f"{name}<small>{escape(_about(score.estimator, result.ours))}</small>",
        *(_shown(value, "{:.3f}") for value in score.brier.values()),
        *(_shown(value, "{:+.0%}") for value in score.skill.values()),
        _shown(score.mae_s, "{:.0f} s"),
        _shown(score.bias_s, "{:+.0f} s"),
        _shown(score.coverage_80, "{:.0%}"),
        _shown(score.kept_90, "{:.0%}"),
    ]


def _about(estimator: str, ours: str) -> str:
    return "ours" if estimator == ours else PRODUCTS.get(estimator, "ours, of the simpler kind")


def _shown(value: float, form: str) -> str:
    return "–" if isnan(value) else form.format(value).replace("-", "−").replace("%", " %")  # noqa: RUF001


def _queues(result: Result) -> str:
    header = ["queue", "channel", "offered", "answered", "abandoned", "left otherwise"]
    rows = [
        (
            "other",
            [
                escape(queue.queue),
                queue.channel,
                *(
                    f"{count:,}"
                    for count in (queue.offered, queue.answered, queue.abandoned, sum(queue.left.values()))
                ),
            ],
        )
        for queue in result.queues
    ]
    return _html_table(header, rows)


def _html_table(header: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Cells are HTML already; each row has its kind: `ours`, `today` (announced today), `other`."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in header)
    body = "".join(_html_row(kind, cells) for kind, cells in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_row(kind: str, cells: Sequence[str]) -> str:
    inside = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr class="{kind}">{inside}</tr>'
