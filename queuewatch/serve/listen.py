"""The application on its address, with TLS where the config has a certificate."""

from __future__ import annotations

import errno
import logging
import os
import socket
import ssl
from contextlib import AsyncExitStack

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from queuewatch.config import Http
from queuewatch.logs import logger

_log = logger("app")
_LAST_ANSWERS_S = 2.0


class CannotListenError(Exception):
    """The address cannot be used; the text is one sentence that says what to mend."""


async def listen(stack: AsyncExitStack, app: web.Application, own: Http) -> str:
    """Have the application answer until the stack is left; its URL.

    Raises:
        CannotListenError: Somebody else listens there, the address is not ours, or it is not allowed.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_heard(),
        shutdown_timeout=_LAST_ANSWERS_S,
        auto_decompress=False,  # `bodies` unpacks them
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    tls = None
    if own.tls_cert is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(own.tls_cert, own.tls_key)
    try:
        await web.TCPSite(runner, own.host, own.port, ssl_context=tls).start()
    except OSError as error:
        raise CannotListenError(
            f"http.host {own.host}, http.port {own.port}: cannot listen there ({_why(error)}); {cure(error)}"
        ) from None
    host, port = runner.addresses[0][:2]
    url = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    _log.info("listening", url=url)
    return url


def _heard() -> logging.Logger:
    """What aiohttp logs, without a traceback for each body that a sender packed wrongly: that is answered."""
    heard = logging.getLogger("aiohttp.server")
    heard.addFilter(_is_ours)
    return heard


def _is_ours(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, web.RequestPayloadError | HttpProcessingError)


def _why(error: OSError) -> str:
    """What the system says; asyncio puts its own words around it."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)


def cure(error: OSError) -> str:
    """What to do where an address cannot be listened on."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return "set http.host to a name or address of this machine, such as 127.0.0.1"
    if error.errno == errno.EACCES:
        return "set http.port to 1024 or more, or give the service the right to lower ones"
    return "stop what uses the port, or set http.port to another one"
