"""Why another machine cannot be reached, in a sentence that an administrator can act on."""

from __future__ import annotations

import os
import socket
import ssl

from queuewatch.sources.reading import clip


def unreachable(where: object, error: OSError, cure: str) -> str:
    """What failed, and what to do about it.

    Args:
        where: The host and port that the config names.
        error: What connecting to them brought.
        cure: What to look at where nobody listens there.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        why = clip(getattr(error, "verify_message", None) or str(error), 120)
        cure = "name who signed it in tls_ca, and host as it says"
        return f"{where}: its certificate is not trusted ({why}); {cure}"
    if isinstance(error, ssl.SSLError):
        why = clip(getattr(error, "reason", None) or str(error), 120)
        return f"{where}: TLS fails ({why}); set tls and port to what is spoken there"
    if isinstance(error, socket.gaierror):
        return f"{where}: no such host is known ({clip(error.strerror or str(error))}); mend host"
    return f"{where} cannot be reached ({_why(error)}); {cure}"


def _why(error: OSError) -> str:
    """The system's own words, without the addresses that were tried."""
    return os.strerror(error.errno) if error.errno else clip(str(error), 120)
