"""A request's body as it was before it was packed; the server hands it on as it came (`listen`).

Left to the server, a packing it does not know would be answered by the server itself, in its own words.
"""

from __future__ import annotations

import asyncio
import zlib

from aiohttp import web

from queuewatch.serve.problems import ProblemError

BAD_ENCODING = "bad_encoding"
_AS_IT_IS = frozenset({"", "identity"})
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP, _ZLIB, _RAW = 31, 15, -15  # how zlib is told what is before the deflated data
_METHOD = 0x0F  # its bits in the first octet; 8 is deflate
_CHECK = 31  # divides the first two octets of a zlib header


async def unpacked(request: web.Request) -> bytes:
    """The body, no larger than the application takes, also where it is packed.

    Raises:
        ProblemError: 413, it is larger (`too_large`); 415, it is packed in a way that is not read; 400, it
            is not packed as it says, or broke off (`bad_encoding`).
    """
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in _AS_IT_IS | _PACKED:
        raise ProblemError(
            415,
            f"bodies encoded as {coding} are not read here; send gzip, deflate or none",
            headers={"Accept-Encoding": "gzip, deflate"},
            reason=BAD_ENCODING,
        )
    most = request.client_max_size
    try:
        body = await request.read()
        return body if coding in _AS_IT_IS else await asyncio.to_thread(_unpack, body, coding, most)
    except (web.HTTPRequestEntityTooLarge, OverflowError):
        detail = f"the body is larger than {most} bytes; send less at once"
        raise ProblemError(413, detail, reason="too_large") from None
    except web.RequestPayloadError:
        raise ProblemError(400, "the body broke off", reason=BAD_ENCODING) from None
    except zlib.error:
        raise ProblemError(400, f"the body is not {coding} as it says", reason=BAD_ENCODING) from None


def _unpack(packed: bytes, coding: str, most: int) -> bytes:
    """Undo the packing, which for gzip may be several in a row.

    Raises:
        OverflowError: It holds more than `most` bytes.
        zlib.error: It is not packed so, or breaks off.
    """
    body = b""
    while packed:
        unpack = zlib.decompressobj(_GZIP if coding != "deflate" else _ZLIB if _is_zlib(packed) else _RAW)
        body += unpack.decompress(packed, most + 1 - len(body))
        if len(body) > most:
            raise OverflowError
        if not unpack.eof:
            raise zlib.error
        packed = unpack.unused_data
    return body


def _is_zlib(packed: bytes) -> bool:
    """Whether it bears zlib's header, as it should; some senders leave it out."""
    return packed[0] & _METHOD == zlib.DEFLATED and int.from_bytes(packed[:2], "big") % _CHECK == 0
