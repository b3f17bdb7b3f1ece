"""AWS Signature Version 4 of a request to S3 without a body. Pure: time is passed in.

headers = signed(Key("us-east-1", key_id, secret), "GET", url, utc_us)

Source: Amazon S3 API Reference, Authenticating Requests: Using the Authorization Header.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from controller.clock import utc_text

_EMPTY: Final = hashlib.sha256(b"").hexdigest()
_SIGNED: Final = "host;x-amz-content-sha256;x-amz-date"
_NAME: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Key:
    """Whose requests they are, and where."""

    region: str
    id: str
    secret: str


def signed(key: Key, method: str, url: str, utc_us: int) -> dict[str, str]:
    """The headers that make the request ours. `url`: its path and query are encoded as they are sent."""
    parts, moment = urlsplit(url), _moment(utc_us)
    query = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in _query(parts.query)
    )
    heads = f"host:{parts.netloc}\nx-amz-content-sha256:{_EMPTY}\nx-amz-date:{moment}\n"
    asked = "\n".join(
        (
            method,
            parts.path or "/",
            "&".join(f"{name}={value}" for name, value in query),
            heads,
            _SIGNED,
            _EMPTY,
        )
    )
    scope = f"{moment[:8]}/{key.region}/s3/aws4_request"
    text = "\n".join((_NAME, moment, scope, hashlib.sha256(asked.encode()).hexdigest()))
    secret = f"AWS4{key.secret}".encode()
    for word in scope.split("/"):
        secret = hmac.digest(secret, word.encode(), "sha256")
    found = hmac.digest(secret, text.encode(), "sha256").hex()
    return {
        "Authorization": f"{_NAME} Credential={key.id}/{scope}, SignedHeaders={_SIGNED}, Signature={found}",
        "x-amz-content-sha256": _EMPTY,
        "x-amz-date": moment,
    }


def _query(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _moment(utc_us: int) -> str:
    """20261127T070000Z."""
    return utc_text(utc_us)[:19].replace("-", "").replace(":", "") + "Z"
