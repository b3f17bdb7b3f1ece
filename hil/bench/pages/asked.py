"""What pages ask a controller, again and again, and what each answer takes: time, and processor.

Processor time is the controller's and the database's of proc(5): what waits for somebody else does not count.
"""

import asyncio
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from controller.security.permissions import Role
from hil.bench.pages.filled import METRICS
from hil.bench.pages.served import Served
from hil.bench.scale.spent import spent_s
from hil.bench.site import percentiles

DAY_MS = 86_400_000
_LOOK_S, _IDLE, _SETTLED_S = 3.0, 0.2, 600.0
"""Quiet: so much of a core for so many seconds; a controller with 1,000 beds uses a tenth of one."""
POINTS = 600
ALLOWED_MS = 300.0
"""Of processor for one answer."""


@dataclass(slots=True)
class Took:
    """One question: ms of each answer, ms of processor for one, what the first leaves to be done, bytes."""

    ms: list[float] = field(default_factory=list[float])
    cpu_ms: float = 0.0
    left_s: float = 0.0
    """Seconds of processor until all was quiet again: who looks at the ledger has it counted."""
    size: int = 0


def questions(now_ms: int, days: int) -> dict[str, tuple[Role, str]]:
    """By what they are called: who asks what."""
    month = f"from_ms={now_ms - days * DAY_MS}&to_ms={now_ms}"
    day = f"from_ms={now_ms - DAY_MS}&to_ms={now_ms}"
    trends = f"/api/beds/bed-1/trends?points={POINTS}&" + "&".join(f"metric={name}" for name in METRICS)
    nurse, engineer, auditor = Role.NURSE, Role.ENGINEER, Role.AUDITOR
    return {
        "board, page": (nurse, "/"),
        "board, all beds": (nurse, "/api/snapshot"),
        "a bed": (nurse, "/api/beds/bed-1"),
        "trends, 24 h": (nurse, f"{trends}&{day}"),
        f"trends, {days} days": (nurse, f"{trends}&{month}"),
        "alerts of a stay (handover)": (nurse, "/api/beds/bed-1/handover?language=en"),
        "trail, the newest": (auditor, f"/api/audit?{month}"),
        "trail, of one patient": (auditor, f"/api/audit?{month}&patient=P-7"),
        "trail, of one person": (auditor, f"/api/audit?{month}&actor=nurse"),
        "ledger": (engineer, "/api/ledger"),
        "inventory": (engineer, "/api/inventory"),
        "a device": (engineer, "/api/inventory/devices/dev-7"),
        "gateways": (engineer, "/api/gateways"),
    }


async def ask(
    here: Served, database: Sequence[int], of: Mapping[str, tuple[Role, str]], times: int
) -> dict[str, Took]:
    """Each `times`, one after the other, when all is quiet. `database`: the processes of a server, if any."""
    pids = (here.pid, *database)
    await _until_settled(pids)
    took = {name: Took() for name in of}
    for name, (role, path) in of.items():
        person, one = here.people[role], took[name]
        await person.get(path)  # what is read for the first time is another question
        one.left_s = await _until_settled(pids)
        before = spent_s(*pids)
        for _ in range(times):
            began = time.perf_counter()
            one.size = await person.get(path)
            one.ms.append((time.perf_counter() - began) * 1000)
        one.cpu_ms = (spent_s(*pids) - before) * 1000 / times
    return took


async def _until_settled(pids: Sequence[int]) -> float:
    """What was used meanwhile, s: a controller that has started goes on with what it has not seen yet."""
    began, used = spent_s(*pids), math.inf
    async with asyncio.timeout(_SETTLED_S):
        while used > _IDLE * _LOOK_S:
            before = spent_s(*pids)
            await asyncio.sleep(_LOOK_S)
            used = spent_s(*pids) - before
    return spent_s(*pids) - began


def table(took: Mapping[str, Mapping[str, Took]]) -> Iterator[str]:
    """By database and question, in Markdown."""
    columns = "p50 / p95, ms | processor, ms | and then, s"
    yield "| | " + " | ".join(f"{name}: {columns}" for name in took) + " | kB |"
    yield "|---|" + "---:|" * (3 * len(took) + 1)
    first = next(iter(took.values()))
    for question in first:
        cells = [
            f"{{:,.0f}} / {{:,.0f}} | {one[question].cpu_ms:,.1f} | {one[question].left_s:,.1f}".format(
                *percentiles(one[question].ms, 50, 95)
            )
            for one in took.values()
        ]
        yield f"| {question} | {' | '.join(cells)} | {first[question].size / 1000:,.0f} |"


def slow(took: Mapping[str, Mapping[str, Took]]) -> list[str]:
    """What took more processor than is allowed."""
    return [
        f"{database}, {question}: {one.cpu_ms:.0f} ms of processor, at most {ALLOWED_MS:.0f} are allowed"
        for database, asked in took.items()
        for question, one in asked.items()
        if one.cpu_ms > ALLOWED_MS
    ]
