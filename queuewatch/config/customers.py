"""The keys for customers' identifiers and for vouchers: configured, or made once and kept with the data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from queuewatch.config.paths import is_there
from queuewatch.config.read import ConfigError
from queuewatch.config.secret import Secret
from queuewatch.config.settings import Settings

KEY_LENGTH = 32
"""Characters that a key has at least: with fewer it could be guessed."""

KEY_IS_GONE = (
    "no customers.key beside the journal, so a new one is made: those of before count as new;"
    " stop, and bring customers.key back from the backup, if that is not meant"
)
"""What to say where a key is to be made for a journal that is there already."""

_CUSTOMERS = "customers.key"
_VOUCHERS = "vouchers.key"


def customer_key(settings: Settings) -> Secret:
    """The key of `[customers]`; where none is configured, the one in `data_dir`, made on the first call.

    Raises:
        ConfigError: The kept key cannot be read or written, is empty or damaged.
    """
    if settings.customers.key is not None:
        return settings.customers.key
    return _kept(settings, _CUSTOMERS, "customers' identifiers", "customers.key")


def key_is_to_be_made(settings: Settings) -> bool:
    """Whether there is no key for customers yet: none is configured, and none kept."""
    return settings.customers.key is None and not is_there(settings.service.data_dir / _CUSTOMERS)


def voucher_key(settings: Settings) -> Secret:
    """The key that codes of vouchers are made with: of `[budget]`, or made and kept like that of customers.

    Raises:
        ConfigError: The kept key cannot be read or written, is empty or damaged.
    """
    if settings.budget.code_key is not None:
        return settings.budget.code_key
    return _kept(settings, _VOUCHERS, "the codes of vouchers", "budget.code_key")


def _kept(settings: Settings, file: str, what: str, setting: str) -> Secret:
    path = settings.service.data_dir / file
    there = is_there(path)
    try:
        if not there:
            _make(path)
        kept = path.read_bytes().decode(errors="replace").strip()
    except OSError as error:
        cannot, whose = ("read", "this file") if there else ("kept here", "service.data_dir")
        raise ConfigError(
            f"{path}: the key for {what} cannot be {cannot} ({error.strerror}); "
            f"mend the rights of {whose}, or set {setting}"
        ) from None
    if len(kept) < KEY_LENGTH or not kept.isascii():
        wrong = "damaged" if kept else "empty"
        raise ConfigError(
            f"{path}: the key is {wrong}; restore it from a backup, or remove the file for a new one"
        )
    return Secret(kept)


def _make(path: Path) -> None:
    """Write a new key under its name in one step, so that a crash leaves the whole key or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)  # unlike a rename it never replaces a key that another process just made
    except FileExistsError:
        pass
    finally:
        draft.unlink()
