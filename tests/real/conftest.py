"""What tests with real servers share."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a server's certificate for localhost, and a client's, made by openssl."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    signed = ("-CA", "ca.crt", "-CAkey", "ca.key")
    openssl(*new, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=Test authority")
    names = ("-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:false")
    openssl(*new, *signed, "-keyout", "server.key", "-out", "server.crt", "-subj", "/CN=localhost", *names)
    openssl(
        *new, *signed, "-keyout", "client.key", "-out", "client.crt", "-subj", "/CN=queuewatch", *names[2:]
    )
    return folder
