"""`Idempotency-Key`: what is asked again with the same key, not knowing whether it came, is asked once."""

import re

from aiohttp import web

from controller.api.answers import BadRequest
from controller.api.route import Query

LONGEST_KEY = 100
"""Characters."""
_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_KEY}}}")

ONCE = Query(
    "Idempotency-Key",
    "it is kept once, however often its sender sends it with the same key",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
    required=False,
)


def key_of(request: web.Request) -> str:
    """The `Idempotency-Key`; "": there is none, and it is a new one each time. Raises BadRequest."""
    text = request.headers.get("Idempotency-Key", "")
    if text and not _KEY.fullmatch(text):
        raise BadRequest(
            f"expected an Idempotency-Key of 1 to {LONGEST_KEY} visible ASCII characters, got {text!r:.60}"
        )
    return text
