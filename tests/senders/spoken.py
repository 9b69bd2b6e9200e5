"""A queue to tell of, and words that show what they were made from."""

from __future__ import annotations

from queuewatch.core.view import NoticeLevel, NoticeView, QueueView, WaitView
from queuewatch.words.notice import Notice
from tests.views import quiet

AT = 1_795_255_200.25  # 2026-11-21T10:00:00.25Z


class Words:
    """Words that show what they were made from."""

    def text(self, view: QueueView, language: str) -> Notice:
        said = f"{language}: {view.queue} is {view.notice.level}"
        return Notice(language=language, level=view.notice.level, text=said)


def view(queue: str = "sales", site: str = "default", level: NoticeLevel = "busy") -> QueueView:
    return quiet(
        queue,
        at=AT,
        heard_at=AT - 1,
        site=site,
        waiting=3,
        oldest_wait_s=42.0,
        serving=1,
        next=WaitView(place=4, mean_s=30.0, chances={"60": 0.6}),
        notice=NoticeView(level=level, since_at=AT - 60, reason="P(wait > 60 s) was 0.6 for 30 s"),
    )
