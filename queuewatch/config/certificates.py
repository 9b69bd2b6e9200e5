"""Certificates and keys that the config names: whether they are there, hold what they should, and fit."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path


def unusable(cert: Path, key: Path | None) -> str | None:
    """Why a certificate cannot be shown to others with this key; None when it can."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", None) or error)
    return None


def about_certificates(section: object, table: str) -> Iterator[str]:
    """What is wrong with `tls_ca`, `tls_cert` and `tls_key` of a section, as far as it has them."""
    ca, cert, key = files = [_path(section, name) for name in ("tls_ca", "tls_cert", "tls_key")]
    for one, other in (("tls_cert", "tls_key"), ("tls_key", "tls_cert")):
        if _path(section, one) is not None and _path(section, other) is None:
            yield f"{table}.{one} is set without {table}.{other}; set both or neither"
    for name, path in zip(("tls_ca", "tls_cert", "tls_key"), files, strict=True):
        if path is not None and (why := _unreadable(path)) is not None:
            yield f"{table}.{name} names {path}, which cannot be read ({why}); mend the path or its rights"
    if ca is not None and (why := _no_authority(ca)) is not None:
        yield (
            f"{table}.tls_ca names {ca}, which holds no certificate ({why}); "
            "give the authority's certificate in PEM"
        )
    if cert is not None and (why := unusable(cert, key)) is not None:
        yield (
            f"{table}.tls_cert {cert} and {table}.tls_key {key} cannot be used together ({why}); "
            "give a certificate and its own key in PEM, the key without a passphrase"
        )


def _path(section: object, name: str) -> Path | None:
    path: Path | None = getattr(section, name, None)
    return path


def _unreadable(path: Path) -> str | None:
    try:
        path.open("rb").close()
    except OSError as error:
        return error.strerror
    return None


def _no_authority(path: Path) -> str | None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", None) or error)
    return None
