"""What an engineer looks at: the ledger's proof, its export, and the messages that could not be read."""

import re
from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.asked import whole
from controller.api.context import Context, context, view
from controller.api.download import as_file, download
from controller.details import details, quarantined
from controller.errors import NotFound
from controller.export import write_export
from controller.proof import SUMMED, JournalProof

PAGE, MOST = 100, 500
"""Journals in one answer, unless told otherwise, and at most."""
LANE = (
    *("lane", "produced", "committed", "missing", "holes", "duplicated", "quarantined", "shed", "gaps"),
    *("resent", "waiting", "oldest_ms"),
)
"""What is told of a lane."""

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
    where = "WHERE instr(quarantine.gateway, ?) > 0 OR ? = ''"
    return answer(await context(request).auditor.beside.read(lambda db: quarantined(db, where, part, part)))


async def message(request: web.Request) -> web.StreamResponse:
    """GET /api/quarantine/{id}/message: its bytes as they came, of an oversized one the beginning."""
    name = request.match_info["id"]
    known = name.isascii() and name.isdecimal() and len(name) <= 15
    # Whose message it would have been cannot be read from it: perhaps that of another ward's patient.
    known = known and view(request).wards is None
    rows = await context(request).store.read(_PAYLOAD, (int(name),)) if known else []
    if not rows:
        raise NotFound(f"there is no message {name!r:.40}: see /api/quarantine for those there are")
    return web.Response(
        body=rows[0]["payload"], headers=as_file(f"quarantined-{name}.bin", "application/octet-stream")
    )


async def export(request: web.Request) -> web.StreamResponse:
    """GET /api/ledger/export."""
    utc_us = context(request).clock.utc_us()
    return await download(
        request, "wardlink-ledger.jsonl", "application/jsonl", lambda db, file: write_export(db, file, utc_us)
    )


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
