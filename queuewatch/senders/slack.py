"""Alerts to Slack: one message a site, changed in place (bot token) or followed by others (webhook).

What a crash may do here: an alert may rather come twice than never. It is settled after Slack has it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from queuewatch.core.decisions import AlertChanged
from queuewatch.outgoing import Bulletin, Delivery, Manner
from queuewatch.ports import Clock, SendFailedError
from queuewatch.senders.links import page_of
from queuewatch.senders.said import Said, Voice, clock_time, is_long_ago
from queuewatch.senders.web import Answer, Line, Posting, host_of, is_for_now, judge, retry_after_s
from queuewatch.words.alerting import Frame

MOST_HEADER = 150
MOST_TEXT = 3_000
MOST_ALERTS = 20
API = "https://slack.com/api/"
# At the level "debug" slack_sdk logs the address of a webhook, which is a secret.
_QUIET = logging.getLogger("queuewatch.senders.slack_sdk")
_QUIET.setLevel(logging.WARNING)
_GONE = frozenset(("message_not_found", "cant_update_message", "edit_window_closed"))
# What slack_sdk lets pass of an answer that is not Slack's: that of a proxy on the way.
_STUMBLES = (UnicodeError, RecursionError, AttributeError)
# What trying again mends; all else that Slack says no with stays so until somebody changes something.
_LATER = frozenset(
    (
        "ratelimited",
        "rate_limited",
        "internal_error",
        "fatal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "accesslimited",
    )
)


def escape(text: str) -> str:
    """Text within mrkdwn: nothing in it formats, links or pings anybody."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "*_~`@":
        plain = plain.replace(mark, f"\N{ZERO WIDTH SPACE}{mark}")
    return plain


def message(bulletin: Bulletin, board_url: str | None, voice: Voice) -> dict[str, Any]:
    """The message: fallback text and Block Kit blocks, within Slack's limits."""
    title, frame = voice.headline(bulletin), voice.frame
    shown = sorted(
        bulletin.alerts, key=lambda one: (one.phase == "resolved", one.severity != "critical", one.since_at)
    )
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(title, MOST_HEADER), "emoji": True}}
    ]
    # Where there is one alert, the header has its title already.
    titled, some = len(shown) > 1, shown[:MOST_ALERTS]
    for alert, said in zip(some, voice.say_all(some), strict=True):
        blocks.append(_section(alert, said, frame, titled=titled))
    if foot := voice.foot(bulletin, len(some)):
        blocks.append({"type": "context", "elements": [_mrkdwn(escape(foot))]})
    if board_url:
        button = {"type": "plain_text", "text": frame.board}
        url = page_of(board_url, bulletin)
        blocks.append({"type": "actions", "elements": [{"type": "button", "text": button, "url": url}]})
    return {"text": escape(title), "blocks": blocks}


def _section(alert: AlertChanged, said: Said, frame: Frame, *, titled: bool) -> dict[str, Any]:
    when = _when(frame.since, alert.since_at, alert.at)
    if alert.phase == "resolved":
        when += f", {_when(frame.until, alert.at, alert.at)}"
    first = f"{said.mark} *{escape(said.title)}* {when}" if titled else when[:1].upper() + when[1:]
    hurts = escape(said.hurts)
    if alert.begins_at is not None:
        begins = clock_time(alert.begins_at)
        hurts = hurts.replace(begins, _moment(alert.begins_at, begins))
    lines = [first, hurts] if titled and hurts else [f"{first} · {hurts}" if hurts else first]
    lines += [f"*{escape(frame.helps)}:* {escape(said.helps)}"] if said.helps else []
    lines += [f"{escape(frame.why)}: {escape(said.reason)}"] if said.reason else []
    return {"type": "section", "text": _mrkdwn("\n".join(lines))}


def _when(words: str, at: float, told_at: float) -> str:
    day = "{date_short_pretty} " if is_long_ago(at, told_at) else ""
    return escape(words).format(time=_moment(at, clock_time(at, told_at), day))


def _moment(at: float, plainly: str, day: str = "") -> str:
    """Slack shows the time in the reader's own zone; where it cannot, as it is told plainly, in UTC."""
    return f"<!date^{at:.0f}^{day}{{time}}|{plainly}>"


def _mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": _cut(text, MOST_TEXT)}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


class SlackWebhook(Posting):
    """Sends to an incoming webhook, which cannot change what it posted: small news are left out.

    Args:
        url: Of the incoming webhook; a secret.
        clock: The time.
        line: How requests go out.
        board_url: Where the board is, for the button.
        language: Of the messages; one that there are words in.
        name: In the outbox, metrics and logs.
    """

    manner = Manner(kinds=frozenset(("alert",)), per_minute=60.0, burst=5, bulletins=True)

    def __init__(
        self,
        url: str,
        clock: Clock,
        line: Line,
        *,
        board_url: str | None = None,
        language: str = "en",
        name: str = "slack",
    ) -> None:
        self.name = name
        self._url = url
        self._clock = clock
        self._line = line
        self._board_url = board_url
        self._voice = Voice(language)

    async def send(self, delivery: Delivery) -> str | None:
        """Post the message."""
        await self.post(message(_bulletin(delivery), self._board_url, self._voice))
        return None

    async def post(self, said: Mapping[str, Any]) -> None:
        """Post any message.

        Raises:
            SendFailedError: Slack does not take it.
        """
        host = host_of(self._url)
        client = AsyncWebhookClient(
            self._url,
            timeout=_whole(self._line.timeout_s),
            proxy=self._line.proxy,
            retry_handlers=[],
            logger=_QUIET,
        )
        try:
            response = await client.send(text=said["text"], blocks=said.get("blocks"), unfurl_links=False)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _unreachable(host, error, self._line) from None
        except _STUMBLES:
            raise SendFailedError(f"{host} answered nothing readable") from None
        headers = {key.title(): str(value) for key, value in dict(response.headers or {}).items()}
        judge(Answer(response.status_code, response.body.encode(), headers), host, self._clock)

    async def probe(self) -> str:
        """Whether the webhook is there: an empty message is refused by one that is, and posts nothing."""
        try:
            await self.post({"text": ""})
        except SendFailedError as error:
            if not str(error).endswith(" 400"):
                raise
        return "the incoming webhook answers"


class SlackBot(Posting):
    """Posts with a bot token, changes its message as things change, and tells what got worse in its thread.

    Args:
        token: The bot's; a secret.
        channel: Where to, by id (`C0123456789`) or name.
        clock: The time.
        line: How requests go out.
        board_url: Where the board is, for the button.
        language: Of the messages; one that there are words in.
        api: Slack's address.
        name: In the outbox, metrics and logs.
    """

    manner = Manner(kinds=frozenset(("alert",)), per_minute=50.0, burst=5, bulletins=True, edits=True)

    def __init__(
        self,
        token: str,
        channel: str,
        clock: Clock,
        line: Line,
        *,
        board_url: str | None = None,
        language: str = "en",
        api: str = API,
        name: str = "slack",
    ) -> None:
        self.name = name
        self._channel = channel
        self._clock = clock
        self._line = line
        self._board_url = board_url
        self._voice = Voice(language)
        self._api = api
        self._token = token

    async def send(self, delivery: Delivery) -> str | None:
        """Post the message or change it; returns its channel and time, by which it is changed."""
        bulletin = _bulletin(delivery)
        said = message(bulletin, self._board_url, self._voice)
        channel, _, posted_at = bulletin.receipt.partition(" ")
        if posted_at:
            try:
                await self._call("chat.update", {"channel": channel, "ts": posted_at, **said})
            except SendFailedError as error:
                if error.args[0].rpartition(" ")[2] not in _GONE:
                    raise
            else:
                await self._tell_what_is_worse(bulletin, channel, posted_at)
                return bulletin.receipt
        return await self.post(said)

    async def post(self, said: Mapping[str, Any]) -> str:
        """Post any message; returns its channel and time.

        Raises:
            SendFailedError: Slack does not take it.
        """
        posted = await self._call(
            "chat.postMessage", {"channel": self._channel, "unfurl_links": False, **said}
        )
        return f"{posted.get('channel', self._channel)} {posted.get('ts', '')}"

    async def _tell_what_is_worse(self, bulletin: Bulletin, channel: str, posted_at: str) -> None:
        """A message that is changed rings no bell: what is new or worse is said beneath it as well."""
        still = {one.alert for one in bulletin.open}
        worse = [one for one in bulletin.news if one.phase in {"raised", "escalated"} and one.alert in still]
        if not worse:
            return
        said = self._voice.say_all(worse[:MOST_ALERTS])
        text = "\n".join(
            f"{one.mark} *{escape(one.title)}*{f': {escape(one.hurts)}' if one.hurts else ''}" for one in said
        )
        critical = any(one.severity == "critical" for one in worse)
        await self._call(
            "chat.postMessage",
            {
                "channel": channel,
                "thread_ts": posted_at,
                "reply_broadcast": critical,
                "text": _cut(text, MOST_TEXT),
            },
        )

    async def probe(self) -> str:
        """Whether the token is good."""
        answer = await self._call("auth.test", {})
        return f"the bot {answer.get('user', '')} is let in to {answer.get('team', 'Slack')}"

    async def _call(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        client = AsyncWebClient(
            self._token,
            base_url=self._api,
            timeout=_whole(self._line.timeout_s),
            proxy=self._line.proxy,
            retry_handlers=[],
            logger=_QUIET,
        )
        host = host_of(self._api)
        try:
            response = await client.api_call(method, json=arguments)
        except SlackApiError as error:
            raise self._refused(error, host) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _unreachable(host, error, self._line) from None
        except _STUMBLES:
            raise SendFailedError(f"{host} answered nothing readable") from None
        data: Any = response.data
        return data if isinstance(data, dict) else {}

    def _refused(self, error: SlackApiError, host: str) -> SendFailedError:
        response: Any = error.response
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
        data = getattr(response, "data", None)
        code = str(data.get("error", "")) if isinstance(data, dict) else ""
        headers = {key.title(): value for key, value in dict(getattr(response, "headers", {}) or {}).items()}
        later = code in _LATER or is_for_now(status) or not code
        return SendFailedError(
            f"{host} answered {status}: {code or 'nothing readable'}",
            permanent=not later,
            unsure=later,
            retry_after_s=retry_after_s(headers.get("Retry-After"), self._clock.now()) if later else None,
        )


def _bulletin(delivery: Delivery) -> Bulletin:
    if delivery.bulletin is None:
        raise SendFailedError("there is no alert to send", permanent=True)
    return delivery.bulletin


def _unreachable(host: str, error: Exception, line: Line) -> SendFailedError:
    if isinstance(error, TimeoutError):
        return SendFailedError(f"{host} did not answer within {line.timeout_s:g} s")
    return SendFailedError(f"{host} cannot be reached ({type(error).__name__})")


def _whole(seconds: float) -> int:
    """slack_sdk counts time-outs in whole seconds."""
    return max(1, round(seconds))
