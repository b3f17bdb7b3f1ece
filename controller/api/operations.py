"""What an engineer looks at: the ledger's proof, and the messages that could not be read."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer
from controller.api.context import context
from controller.ledger import ledger_table

_SHOWN = 200
_QUARANTINE = """SELECT id, gateway, topic, reason, detail, size, number, first_ms, last_ms, times
FROM quarantine ORDER BY last_ms DESC, id DESC LIMIT ?"""


async def ledger(request: web.Request) -> web.StreamResponse:
    """GET /api/ledger."""
    rows = await ledger_table(context(request).store)
    return answer({"journals": [asdict(row) for row in rows]})


async def quarantine(request: web.Request) -> web.StreamResponse:
    """GET /api/quarantine: the newest messages, without their bytes, and how many there are."""
    store = context(request).store
    count = (await store.read("SELECT count(*) AS n FROM quarantine"))[0]["n"]
    rows = await store.read(_QUARANTINE, (_SHOWN,))
    return answer({"count": count, "messages": [dict(row) for row in rows]})
