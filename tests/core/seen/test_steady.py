"""Tests of the steady picture: Erlang C by hand, agents needed, and what is computed in one go."""

from __future__ import annotations

from math import exp

import pytest

from queuewatch.core.rules import QueueRules, Targets
from queuewatch.core.seen.steady import Rates, steady_views, targets

RULES = QueueRules()


def test_one_agent_half_busy_by_the_formula_of_a_single_server() -> None:
    """M/M/1 with 18 an hour of 100 s: P(wait > t) = rho e^(-(1 - rho) t / 100)."""
    view = steady_views({"sales": Rates(0.005, 100.0, 1, 1.0, RULES)})["sales"]
    assert [view.arrivals_per_hour, view.handling_s, view.load_erlangs] == pytest.approx([18.0, 100.0, 0.5])
    assert view.chances == pytest.approx({"60": 0.5 * exp(-0.3), "180": 0.5 * exp(-0.9)})


def test_two_agents_by_erlangs_formula() -> None:
    """M/M/2 at one erlang: C = 1/3, and P(wait > t) = C e^(-(2 - 1) t / 100)."""
    view = steady_views({"sales": Rates(0.01, 100.0, 2, 1.0, RULES)})["sales"]
    assert view.chances == pytest.approx({"60": exp(-0.6) / 3, "180": exp(-1.8) / 3})


def test_with_fewer_agents_than_load_everybody_waits_in_the_long_run() -> None:
    for servers in (0, 1, 2):
        view = steady_views({"sales": Rates(0.02, 100.0, servers, 1.0, RULES)})["sales"]
        assert view.chances == {"60": 1.0, "180": 1.0}


def test_the_agents_needed_meet_every_target_and_one_less_does_not() -> None:
    """At one erlang, P(wait > 60) <= 0.2: C(2) e^-0.6 = 0.183; P(wait > 180) <= 0.02 asks for a third."""
    rules = QueueRules(targets=Targets(past_first=0.2, past_second=1.0, occupancy=1.0))
    strict = QueueRules()
    rates = {"easy": Rates(0.01, 100.0, 2, 1.0, rules), "strict": Rates(0.01, 100.0, 2, 1.0, strict)}
    views = steady_views(rates)
    assert [views[name].agents_required for name in rates] == [2, 3]


def test_agents_with_several_contacts_at_a_time_are_fewer() -> None:
    view = steady_views({"chat": Rates(0.01, 100.0, 6, 3.0, QueueRules())})["chat"]
    assert view.agents_required == 1


def test_queues_of_different_rules_have_their_own_thresholds() -> None:
    mail = QueueRules(thresholds_s=(3600.0,))
    views = steady_views(
        {
            "sales": Rates(0.01, 100.0, 2, 1.0, RULES),
            "mail": Rates(0.01, 100.0, 2, 1.0, mail),
            "support": Rates(0.01, 100.0, 2, 1.0, RULES),
        }
    )
    assert [list(views[name].chances) for name in ("sales", "mail", "support")] == [
        ["60", "180"],
        ["3600"],
        ["60", "180"],
    ]


def test_no_queue_at_all_has_no_picture() -> None:
    assert steady_views({}) == {}


def test_targets_are_said_in_the_words_of_the_command() -> None:
    assert targets(RULES) == ["P(wait>60)<=0.2", "P(wait>180)<=0.02", "occupancy<=0.85"]
    assert targets(QueueRules(thresholds_s=(30.0,))) == ["P(wait>30)<=0.2", "occupancy<=0.85"]
