"""PromQL that several boards ask.

Thresholds differ from queue to queue (60 and 180 s by default, hours for e-mail). The chance to pass falls
with the threshold, so a queue's greatest chance is that of its first threshold, its least that of its last.
"""

from __future__ import annotations

CHOSEN = 'site=~"$site",channel=~"$channel",queue=~"$queue"'
BY_QUEUE = "by (site, queue)"
IN_TABLE = "by (site, queue, channel)"
QUEUE_NAME = "{{queue}} ({{site}})"
MEDIAN = 'quantile="0.5"'
NINE_IN_TEN = 'quantile="0.9"'
ON_DUTY = 'state!="offline"'
FREE = 'state="available"'
RESENTS_NOW = 'tolerance="resents",lead="0"'
LIVE = 'channel!="email"'
UP = "queuewatch_build_info"


def label(name: str, value: str) -> str:
    """A matcher: this label has this value."""
    return f'{name}="{value}"'


def le(*borders_s: int) -> str:
    """A matcher for buckets with these upper borders: one release of Prometheus calls it 60, another 60.0."""
    return f'le=~"({"|".join(map(str, borders_s))})([.]0)?"'


def of(metric: str, *more: str) -> str:
    """The metric of the chosen queues, with further matchers."""
    return f"queuewatch_{metric}{{{','.join((CHOSEN, *more))}}}"


def zero_if_up(expr: str, named: str = "") -> str:
    """`expr`, and 0 where it has no answer although queuewatch runs: only then is nothing the same as 0.

    Where the legend is made of the label `named`, that 0 is called "none".
    """
    zero = f"sum({UP}) * 0"
    if named:
        zero = f'label_replace({zero}, "{named}", "none", "", "")'
    return f"({expr}) or on() {zero}"


def owed(metric: str) -> str:
    """A metric of what customers are owed, which has no channel, of the chosen queues."""
    return f'queuewatch_{metric}{{site=~"$site",queue=~"$queue"}}'


def first_chance(by: str = BY_QUEUE) -> str:
    """Chance that the next contact waits past its queue's first threshold."""
    return f"max {by} ({of('wait_exceedance_probability')})"


def last_chance(by: str = BY_QUEUE) -> str:
    """Chance that the next contact waits past its queue's last threshold."""
    return f"min {by} ({of('wait_exceedance_probability')})"


def past_last(by: str = BY_QUEUE) -> str:
    """How many wait who are past the last threshold already."""
    return f"min {by} ({of('contacts_past_threshold')})"


def oldest(*more: str) -> str:
    """The longest wait of those who wait; 0 where nobody does, absent where nobody knows."""
    return f"{of('oldest_wait_seconds', *more)} or {of('contacts_waiting', *more)} == 0"


def on_duty(by: str = BY_QUEUE) -> str:
    """Agents who are not offline."""
    return f"sum {by} ({of('agents', ON_DUTY)})"


def recorded(rule: str) -> str:
    """What a recording rule has of the chosen queues (config/recording_rules.yml)."""
    return f"{rule}{{{CHOSEN}}}"


def missing(by: str = BY_QUEUE) -> str:
    """How many agents are needed beyond those on duty; 0 where there are enough."""
    return f"clamp_min(sum {by} ({of('agents_required')}) - {on_duty(by)}, 0)"


def quantile(histogram: str, share: float, window: str) -> str:
    """What this share of the durations observed in the window lie within; absent where there were none."""
    buckets = f"sum by (le) (increase({of(histogram + '_bucket')}[{window}]))"
    return f"histogram_quantile({share:g}, {buckets}) >= 0"


def mean(histogram: str, window: str, by: str, *more: str) -> str:
    """Mean of what was observed in the window, with further matchers; absent where nothing was."""
    total = f"sum {by} (increase({of(histogram + '_sum', *more)}[{window}]))"
    number = f"sum {by} (increase({of(histogram + '_count', *more)}[{window}]))"
    return f"{total} / ({number} > 0)"


def within(window: str) -> str:
    """Share of the contacts answered in the window that waited no longer than each of their thresholds.

    Absent where nobody was answered, and for thresholds that are no border of the histogram.
    """
    by = "by (site, queue, channel, threshold)"
    # One release of Prometheus calls the border 60, another 60.0.
    bucket = (
        f"label_replace(increase({of('wait_seconds_bucket')}[{window}]),"
        ' "threshold", "$1", "le", "(.+?)([.]0)?")'
    )
    all_of_them = f"sum {IN_TABLE} (increase({of('wait_seconds_count')}[{window}])) > 0"
    own = f"(sum {by} ({bucket}) and on (site, queue, threshold) {of('contacts_past_threshold')})"
    return f"{own} / on (site, queue, channel) group_left () ({all_of_them})"
