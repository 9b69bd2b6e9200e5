"""Bytes in, MQTT packets out. A message that cannot be read is told apart from a stream that cannot."""

from __future__ import annotations

import mqtt5
from msgspec import Struct

_PUBLISH = 3


class Unreadable(Struct, frozen=True):
    """A published message whose packet breaks the rules; it can still be acknowledged by its id."""

    packet_id: int | None
    why: str


Frame = mqtt5.Packet | Unreadable


class Unframer:
    """Cuts what comes in into packets; keeps the beginning of one that is not all there yet."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The packets that are complete now.

        Raises:
            ValueError: This is no MQTT 5; nothing that follows can be read either.
        """
        buffer = self._rest + data
        view = memoryview(buffer)
        frames: list[Frame] = []
        start = 0
        while (end := _end(buffer, start)) <= len(buffer):
            frames.append(_read(view[start:end]))
            start = end
        self._rest = buffer[start:]
        return frames


def _end(buffer: bytes, start: int) -> int:
    """Where the packet that starts here ends; past the buffer when that cannot be said yet."""
    length = 0
    for place in range(4):
        at = start + 1 + place
        if at >= len(buffer):
            return len(buffer) + 1
        length |= (buffer[at] & 0x7F) << (7 * place)
        if buffer[at] < 0x80:  # noqa: PLR2004  # the top bit says whether the length goes on
            return at + 1 + length
    raise ValueError("the length of a packet is longer than MQTT allows")


def _read(frame: memoryview) -> Frame:
    """Exactly one packet, or what can still be done about it."""
    try:
        packet, used = mqtt5.read(frame)
    except (ValueError, IndexError) as error:
        return _unreadable(frame, str(error))
    except BaseException as error:
        # The library panics on text that is no UTF-8, and a panic is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        return _unreadable(frame, "it holds text that is not UTF-8")
    return packet if used == len(frame) else _unreadable(frame, "it is longer than what it holds")


def _unreadable(frame: memoryview, why: str) -> Unreadable:
    """A message is let go by its id; without any other packet the conversation makes no sense."""
    kind, qos = frame[0] >> 4, frame[0] >> 1 & 3
    topic_length = int.from_bytes(frame[_body(frame) :][:2])
    packet_id = bytes(frame[_body(frame) + 2 + topic_length :][:2])
    if kind != _PUBLISH or (qos and len(packet_id) < 2):  # noqa: PLR2004  # an id is two bytes
        raise ValueError(f"a packet of type {kind} cannot be read: {why}")
    return Unreadable(int.from_bytes(packet_id) if qos else None, why)


def _body(frame: memoryview) -> int:
    """Where the packet's body begins: behind the type and the one to four bytes of length."""
    return next(at + 1 for at in range(1, 5) if frame[at] < 0x80)  # noqa: PLR2004
