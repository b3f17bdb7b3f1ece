"""What a change replaces, so that of two people neither undoes the other's unseen (RFC 9110, 13.1.1)."""

import re

from aiohttp import web

from controller.api.answers import BadRequest, Unconditional
from controller.api.route import Query

_TAG = re.compile(r'"(0|[1-9][0-9]{0,15})"')

REPLACED = Query(
    "If-Match",
    'the revision that is to be replaced, as ETag has it; "0": none was sent yet',
    {"type": "string", "pattern": '^"(0|[1-9][0-9]{0,15})"$'},
)


def replaced(request: web.Request) -> int:
    """The revision in `If-Match`. Raises Unconditional, BadRequest."""
    text = request.headers.get("If-Match")
    if text is None:
        raise Unconditional(
            'expected If-Match: "REVISION", the newest that you know ("0": none), it is missing'
        )
    found = _TAG.fullmatch(text)
    if found is None:
        raise BadRequest(f'expected If-Match: "REVISION", as ETag has it, got {text!r:.60}')
    return int(found[1])


def tag(revision: int) -> dict[str, str]:
    """The header of an answer that has this revision."""
    return {"ETag": f'"{revision}"'}
