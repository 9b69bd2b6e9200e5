"""All that the core knows: made when first spoken of, and the same ever after."""

from __future__ import annotations

from queuewatch.core.mind import Core, learned_of, scene_of, watch_of
from queuewatch.core.rules import Rules


def test_a_site_is_known_with_its_attention_from_when_it_is_first_spoken_of() -> None:
    core = Core()
    site, attention = core.site("north")
    assert site.name == "north"
    assert core.site("north") == (site, attention)
    assert core.site("north")[0] is site
    assert core.site("south")[0] is not site


def test_what_was_learned_and_watched_of_a_queue_stays_with_it() -> None:
    _, attention = Core().site("north")
    assert learned_of(attention, "sales") is learned_of(attention, "sales")
    assert learned_of(attention, "sales") is not learned_of(attention, "support")
    assert watch_of(attention, "sales") is watch_of(attention, "sales")
    assert watch_of(attention, "sales").level == "normal"


def test_a_queue_is_seen_with_what_was_learned_of_it() -> None:
    site, attention = Core().site("north")
    queue = site.queue("sales", "phone", 10.0)
    scene = scene_of(site, attention, queue, Rules(), 12.0)
    assert (scene.queue, scene.now) == (queue, 12.0)
    assert scene.learned is learned_of(attention, "sales")
