"""Signatures of what goes to the provider and what comes from it: HMAC-SHA-256 (RFC 2104, FIPS 198-1).

    headers = request_headers(account, "POST", "/v1/price", body, utc_s, key)
    check_callback(account, headers, body, utc_s)          # Unsigned

Each covers method, path, merchant, time, key and the body's hash, so that none fits another request; what is
older or newer than SKEW_S is not taken (docs/payments.md).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.errors import ControllerError

MERCHANT, TIMESTAMP, KEY = "Payment-Merchant", "Payment-Timestamp", "Idempotency-Key"
SIGNATURE = "Payment-Signature"
SKEW_S = 300
"""What the two clocks, and the way, may differ by, in seconds."""
_TIME = re.compile(r"[1-9][0-9]{0,11}", re.ASCII)


class Unsigned(ControllerError):
    """Something that the provider did not sign, or not just now."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are to the provider, and the secret that both know."""

    merchant: str
    secret: str = field(repr=False)

    def sign(self, method: str, path: str, body: bytes, utc_s: int, key: str = "") -> str:
        """The signature, "v1=" and hexadecimal."""
        digest = hashlib.sha256(body).hexdigest()
        parts = ("v1", method, path, self.merchant, str(utc_s), key, digest)
        text = "\n".join(parts).encode()
        return f"v1={hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()}"


def request_headers(
    account: Account, method: str, path: str, body: bytes, utc_s: int, *, key: str = ""
) -> dict[str, str]:
    """The headers of a request; `key`: what is not to be done twice."""
    told = {MERCHANT: account.merchant, TIMESTAMP: str(utc_s)}
    signature = {SIGNATURE: account.sign(method, path, body, utc_s, key)}
    return {**told, **({KEY: key} if key else {}), **signature}


def check_callback(account: Account, headers: Mapping[str, str], path: str, body: bytes, utc_s: int) -> None:
    """Whether the provider sent this to `path`, within SKEW_S of now. Raises Unsigned."""
    told = headers.get(TIMESTAMP, "")
    if not _TIME.fullmatch(told):
        raise Unsigned(f"expected {TIMESTAMP}, seconds since 1970, got {told!r:.40}")
    right = account.sign("POST", path, body, int(told))
    shown = headers.get(SIGNATURE, "")
    if not hmac.compare_digest(right.encode(), shown.encode("utf-8", "surrogateescape")):
        raise Unsigned(
            f"expected {SIGNATURE} by the secret of merchant {account.merchant!r}: check the secret"
        )
    if abs(int(told) - utc_s) > SKEW_S:
        raise Unsigned(f"expected {TIMESTAMP} within {SKEW_S} s of now, got {told}: check the clocks")
