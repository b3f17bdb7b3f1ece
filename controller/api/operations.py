"""What an engineer looks at: the ledger's proof, its export, and the messages that could not be read."""

import asyncio
import logging
import re
import sqlite3
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.asked import whole
from controller.api.context import Context, context
from controller.api.events import abort
from controller.details import details, quarantined
from controller.errors import NotFound, StoreError
from controller.export import write_export
from controller.proof import SUMMED, JournalProof

PAGE, MOST = 100, 500
"""Journals in one answer, unless told otherwise, and at most."""
SENT_BYTES = 256 * 1024
STALLED_S = 30
"""A reader of an export that takes nothing for so long is given up."""
LANE = (
    *("lane", "produced", "committed", "missing", "holes", "duplicated", "quarantined", "shed", "gaps"),
    *("resent", "waiting", "oldest_ms"),
)
"""What is told of a lane."""

log = logging.getLogger(__name__)

_PAYLOAD = "SELECT payload FROM quarantine WHERE id = ?"


async def ledger(request: web.Request) -> web.StreamResponse:
    """GET /api/ledger: the sums of all journals that are asked for, and some of these."""
    parts, part = context(request), request.query.get("gateway", "")
    offset, limit = whole(request, "offset", 0), whole(request, "limit", PAGE)
    if not 1 <= limit <= MOST:
        raise BadRequest(f"expected limit from 1 to {MOST}, got {limit}")
    proof = await parts.auditor.proof()
    found = [journal for journal in proof.journals if part in journal.gateway]
    shown = [_journal(parts, journal) for journal in found[offset : offset + limit]]
    times = {"as_of_ms": proof.as_of_ms, "duplicated_as_of_ms": proof.counted_ms}
    page = {"totals": _totals(found, proof.counted_ms), "offset": offset, "journals": shown}
    return answer({"server_ms": parts.clock.now_us() // 1000, **times, **page})


async def journal(request: web.Request) -> web.StreamResponse:
    """GET /api/ledger/{journal}."""
    parts, name = context(request), request.match_info["journal"]
    if not re.fullmatch(r"[0-9a-f]{16}", name):
        raise BadRequest(f"expected a journal's 16 hexadecimal digits, got {name!r:.40}")
    found = await parts.auditor.beside.read(lambda db: details(db, bytes.fromhex(name)))
    if found is None:
        raise NotFound(f"there is no journal {name}: see /api/ledger for those there are")
    found["journal"] = _journal(parts, found["journal"])
    return answer({"server_ms": parts.clock.now_us() // 1000, **found})


async def quarantine(request: web.Request) -> web.StreamResponse:
    """GET /api/quarantine: the newest messages, without their bytes, and how many there are."""
    part = request.query.get("gateway", "")
    where = "WHERE instr(quarantine.gateway, ?) OR ? = ''"
    return answer(await context(request).auditor.beside.read(lambda db: quarantined(db, where, part, part)))


async def message(request: web.Request) -> web.StreamResponse:
    """GET /api/quarantine/{id}/message: its bytes as they came, of an oversized one the beginning."""
    name = request.match_info["id"]
    known = name.isascii() and name.isdecimal() and len(name) <= 15
    rows = await context(request).store.read(_PAYLOAD, (int(name),)) if known else []
    if not rows:
        raise NotFound(f"there is no message {name!r:.40}: see /api/quarantine for those there are")
    return web.Response(
        body=rows[0]["payload"], headers=_as_file(f"quarantined-{name}.bin", "application/octet-stream")
    )


async def export(request: web.Request) -> web.StreamResponse:
    """GET /api/ledger/export: written to a file first, so that a slow reader holds up no database."""
    parts = context(request)
    folder, utc_us = parts.store.path.parent, parts.clock.utc_us()
    with await parts.auditor.beside.read(lambda db: _exported(db, folder, utc_us)) as file:
        response = web.StreamResponse(headers=_as_file("wardlink-ledger.jsonl", "application/jsonl"))
        await response.prepare(request)
        try:
            while part := await asyncio.to_thread(file.read, SENT_BYTES):
                async with asyncio.timeout(STALLED_S):
                    await response.write(part)
        except TimeoutError:
            abort(request)
        except ConnectionError:
            log.debug("%s went away", request.remote)
    return response


def _exported(db: sqlite3.Connection, folder: Path, utc_us: int) -> BinaryIO:
    try:
        with ExitStack() as undo:
            file = undo.enter_context(TemporaryFile(dir=folder))
            write_export(db, file, utc_us)
            file.seek(0)
            undo.pop_all()  # the caller closes it
            return file
    except OSError as error:
        raise StoreError(f"the export cannot be written: {error}") from error


def _as_file(name: str, media: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": media}


def _totals(found: list[JournalProof], counted_ms: int | None) -> dict[str, int | None]:
    sums: dict[str, int | None] = {name: sum(one.sums[name] for one in found) for name in SUMMED}
    if counted_ms is None:
        sums["duplicated"] = None
    unsettled = sum(one.sums["missing"] > 0 for one in found)
    counts = {"gateways": len({one.gateway for one in found}), "journals": len(found), "unsettled": unsettled}
    return {**counts, **sums}


def _journal(parts: Context, proof: JournalProof) -> dict[str, Any]:
    """With the state of its gateway, if this is the journal that it writes."""
    state = parts.hub.gateway_held(proof.gateway).get("state") if proof.open else None
    lanes = [{name: getattr(lane, name) for name in LANE} for lane in proof.lanes]
    clock = None if proof.clock is None else asdict(proof.clock)
    known = {name: getattr(proof, name) for name in ("gateway", "journal", "open", "heard_ms", "told_ms")}
    return {**known, "state": state, "clock": clock, "lanes": lanes}
