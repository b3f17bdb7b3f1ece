"""`./run bench pipeline`: pairs of both sides, one after the other, then the limits, then the table."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hil.bench import size
from hil.bench.pipeline import limits, our_gateway, phases, thingsboard
from hil.bench.pipeline.ours import Wardlink
from hil.bench.pipeline.rig import Rig
from hil.bench.pipeline.table import Limits, Pair, Side
from hil.bench.pipeline.theirs import ThingsBoard

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: pairs, seconds of each load, readings of the backlog, kills in each pair."""

    pairs: int = 5
    seconds: float = 6.0
    backlog: int = 20_000
    kills: int = 2


QUICK = Plan(1, 2.0, 2_000, 1)
_BLOCK_ROWS = 20_000
"""Of which the size of a block is taken."""


async def measure(folder: Path, plan: Plan, seed: int, say: Say) -> list[Pair]:
    """All pairs, in `folder`, which is emptied in between. Raises NotReady."""
    rng = random.Random(seed)
    thingsboard.install()
    measured: list[Pair] = []
    for number in range(1, plan.pairs + 1):
        say(f"pair {number} of {plan.pairs}")
        measured.append(await _pair(folder / str(number), plan, rng, ours_first=number % 2 == 1, say=say))
        shutil.rmtree(folder / str(number))
    return measured


async def _pair(folder: Path, plan: Plan, rng: random.Random, *, ours_first: bool, say: Say) -> Pair:
    ours = Wardlink(folder / "ours")
    theirs = ThingsBoard(folder / "theirs", thingsboard.BEST)
    sides: dict[str, Side] = {}
    for rig in (ours, theirs) if ours_first else (theirs, ours):
        sides[rig.source] = await _side(rig, plan, rng, say)
    shipped = await _shipped(ThingsBoard(folder / "shipped", thingsboard.SHIPPED), plan, say)
    mine = sides[ours.source]
    return Pair(mine, sides[theirs.source], shipped, await _limits(folder, ours.database, mine, plan, say))


async def _side(rig: Rig, plan: Plan, rng: random.Random, say: Say) -> Side:
    load_us = {1: 0.0, 10: 0.0}
    if isinstance(rig, Wardlink):
        load_us = {together: await our_gateway.alone_us(together) for together in load_us}
    try:
        await rig.start()
        sampled = await phases.unstamped(rig, plan.seconds)
        say(f"  {rig.name}: {sampled.distinct} of {sampled.sent} samples can be told apart")
        one = await phases.saturate(rig, 1, plan.seconds)
        ten = await phases.saturate(rig, 10, plan.seconds)
        say(f"  {rig.name}: {one.per_s:,.0f} readings/s one at a time, {ten.per_s:,.0f} ten at a time")
        alarmed = await phases.alarm(rig, plan.backlog)
        say(f"  {rig.name}: an alarm took {alarmed.alarm_ms:,.0f} ms, its backlog {alarmed.drain_ms:,.0f} ms")
        killed = await phases.kills(rig, plan.kills, rng)
        say(f"  {rig.name}: {killed.lost} lost and {killed.twice} twice at {killed.kills} kills")
    finally:
        await rig.stop()
    return Side(one, ten, sampled, alarmed, killed, load_us)


async def _shipped(rig: ThingsBoard, plan: Plan, say: Say) -> phases.Saturated:
    try:
        await rig.start()
        one = await phases.saturate(rig, 1, plan.seconds)
    finally:
        await rig.stop()
    say(f"  {rig.name}: {one.per_s:,.0f} readings/s one at a time")
    return one


async def _limits(folder: Path, database: Path, ours: Side, plan: Plan, say: Say) -> Limits:
    rows = max(1, round(ours.ten.commit_rows))
    raw = limits.raw_insertion(database, rows, folder / "raw")
    block = size.block(database, _BLOCK_ROWS)
    messages = await limits.forwarding(folder / "broker", block.bytes, min(plan.seconds, 3.0))
    say(f"  the limits: {raw:,.0f} rows/s, {messages:,.0f} messages/s of {block.bytes} bytes")
    return Limits(raw, messages * block.readings)
