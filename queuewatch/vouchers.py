"""Codes of vouchers: nobody can guess one, and each is the same after a restart."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SHORTEST_KEY = 16
# Crockford's base 32: digits and letters without I, L, O and U, which are taken for others when read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = 16  # of 5 bits each: 80 bits

_SEPARATORS = re.compile(r"[\s\-]+")
_ALIKE = str.maketrans("OIL", "011")


def normalise(code: str) -> str:
    """One spelling per code: capitals, no separators, and what looks like a digit is that digit."""
    return _SEPARATORS.sub("", code).upper().translate(_ALIKE)


@dataclass(frozen=True)
class Codes:
    """Makes codes from the keys of vouchers, by HMAC-SHA256 with the service's own key.

    Attributes:
        key: Secret, at least SHORTEST_KEY bytes.

    Raises:
        ValueError: The key is too short to keep anything secret.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise ValueError(
                f"the key for vouchers has {len(self.key)} bytes;"
                f" it needs at least {SHORTEST_KEY}, better 32 random ones"
            )

    def code(self, incentive: str) -> str:
        """The code of the voucher with this key, such as `7K3M-XQ2R-9DWA-0TZE`."""
        digest = hmac.digest(self.key, f"voucher\x00{incentive}".encode(errors="surrogatepass"), "sha256")
        bits = int.from_bytes(digest, "big") >> (8 * len(digest) - 5 * LETTERS)
        letters = "".join(ALPHABET[bits >> shift & 31] for shift in range(5 * (LETTERS - 1), -1, -5))
        return "-".join(letters[start : start + 4] for start in range(0, LETTERS, 4))


def match(shown: str, codes: Mapping[str, str]) -> str | None:
    """Which voucher a code is of, where `codes` are by voucher; None: of none. All are compared alike."""
    wanted = normalise(shown).encode(errors="replace")
    found: str | None = None
    for incentive, code in codes.items():
        if hmac.compare_digest(normalise(code).encode(errors="replace"), wanted):
            found = incentive
    return found
