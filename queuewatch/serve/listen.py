"""The application on its address, with TLS where the config has a certificate."""

from __future__ import annotations

import os
import ssl
from contextlib import AsyncExitStack

from aiohttp import web

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
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_LAST_ANSWERS_S)
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
            f"http.host {own.host}, http.port {own.port}: cannot listen there ({_why(error)}); "
            "stop what uses the port, or name another one"
        ) from None
    host, port = runner.addresses[0][:2]
    url = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    _log.info("listening", url=url)
    return url


def _why(error: OSError) -> str:
    """What the system says; asyncio puts its own words around it."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
