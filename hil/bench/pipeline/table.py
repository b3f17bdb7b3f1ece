"""The table: medians and spread of all pairs, ratios within each pair, and which aims are met."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from hil.bench.pipeline.phases import Alarmed, Killed, Sampled, Saturated

TIMES, SHARE, LEAST_PER_S, LEAST_OF_RAW = 10.0, 0.1, 20_000.0, 0.4
"""The aims: throughput and processor time against thingsboard-gateway, readings/s, share of raw insertion."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side did in one pair. `one`, `ten`: readings that a device says at a time.

    `load_us` is the processor time a reading of what makes load inside the gateway's process.
    """

    one: Saturated
    ten: Saturated
    sampled: Sampled
    alarmed: Alarmed
    killed: Killed
    load_us: dict[int, float]

    def gateway_us(self, together: int) -> float:
        """Processor time of the gateway, without what makes the load."""
        at = self.one if together == 1 else self.ten
        return at.cpu_us["gateway"] - self.load_us[together]

    def chain_us(self, together: int) -> float:
        """Processor time of gateway and server."""
        at = self.one if together == 1 else self.ten
        server = sum(us for name, us in at.cpu_us.items() if name not in ("gateway", "feeder"))
        return self.gateway_us(together) + server


@dataclass(frozen=True, slots=True)
class Limits:
    """What the machine can do: rows/s of raw insertion, readings/s in blocks through the broker alone."""

    raw_per_s: float
    forwarded_per_s: float


@dataclass(frozen=True, slots=True)
class Pair:
    """All of one round. `shipped` is thingsboard-gateway with its own settings, one reading a message."""

    ours: Side
    theirs: Side
    shipped: Saturated
    limits: Limits


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `met` is None where there is no aim."""

    what: str
    ours: str
    theirs: str
    ratio: str
    aim: str = ""
    met: bool | None = None


def spread(values: Sequence[float], places: int = 0) -> str:
    """Median, and in brackets the least and the greatest."""
    first, low, high = (f"{each:,.{places}f}" for each in (median(values), min(values), max(values)))
    return f"{first} ({low}–{high})"


Of = Callable[[Side], float]


def _compared(
    what: str,
    pairs: Sequence[Pair],
    of: Of,
    places: int = 0,
    *,
    aim: str = "",
    met: Callable[[float], bool] | None = None,
) -> Row:
    """A number of both sides. The ratio is ours to theirs; `met` judges its median."""
    ratios = [of(pair.ours) / of(pair.theirs) for pair in pairs]
    ours, theirs = [of(pair.ours) for pair in pairs], [of(pair.theirs) for pair in pairs]
    verdict = None if met is None else met(median(ratios))
    return Row(what, spread(ours, places), spread(theirs, places), spread(ratios, 2), aim, verdict)


def rows(pairs: Sequence[Pair]) -> Iterator[Row]:
    """Everything, in order."""
    yield from _throughput(pairs)
    yield from _costs(pairs)
    yield from _faults(pairs)
    yield from _limits(pairs)


def _throughput(pairs: Sequence[Pair]) -> Iterator[Row]:
    aim, met = f"≥ {TIMES:.0f}", lambda ratio: ratio >= TIMES
    name = "readings/s durable end to end"
    yield _compared(f"{name}, one a message", pairs, lambda side: side.one.per_s, aim=aim, met=met)
    yield _compared(f"{name}, ten a message", pairs, lambda side: side.ten.per_s, aim=aim, met=met)
    shipped = [pair.shipped.per_s for pair in pairs]
    ratios = [pair.ours.one.per_s / pair.shipped.per_s for pair in pairs]
    ours = spread([pair.ours.one.per_s for pair in pairs])
    what = f"{name}, one a message, theirs as shipped"
    yield Row(what, ours, spread(shipped), spread(ratios, 2), aim, met(median(ratios)))


def _costs(pairs: Sequence[Pair]) -> Iterator[Row]:
    aim, met = f"≤ {SHARE}", lambda ratio: ratio <= SHARE
    for together, word in ((1, "one"), (10, "ten")):
        what = f"CPU µs a reading, gateway, {word} a message"
        yield _compared(what, pairs, lambda side, n=together: side.gateway_us(n), 1, aim=aim, met=met)
    for together, word in ((1, "one"), (10, "ten")):
        what = f"CPU µs a reading, gateway and server, {word} a message"
        yield _compared(what, pairs, lambda side, n=together: side.chain_us(n), 1)
    resident = "resident MB of the gateway under that load"
    yield _compared(
        resident, pairs, lambda side: side.one.resident_mb["gateway"], aim="≤ 1", met=lambda ratio: ratio <= 1
    )


def _faults(pairs: Sequence[Pair]) -> Iterator[Row]:
    yield _counted("lost of accepted at `kill -9`", pairs, lambda side: side.killed.lost, _of_kills)
    yield _counted("stored twice at `kill -9`", pairs, lambda side: side.killed.twice, _of_kills)
    yield _counted("lost without a fault", pairs, lambda side: side.one.missing + side.ten.missing, _of_said)
    yield _counted(
        "stored twice without a fault", pairs, lambda side: side.one.twice + side.ten.twice, _of_said
    )
    yield _counted(
        "20 Hz samples without a time stamp: merged into others",
        pairs,
        lambda side: side.sampled.sent - side.sampled.distinct,
        lambda sides: f"{sum(side.sampled.sent for side in sides):,} samples",
    )
    size = pairs[0].ours.alarmed.backlog
    behind = f"behind a backlog of {size:,} readings, ms from its first one stored"
    yield _compared(f"an alarm {behind}", pairs, lambda side: side.alarmed.alarm_ms)
    yield _compared("the backlog itself, ms", pairs, lambda side: side.alarmed.drain_ms)
    yield _compared("server back → first reading stored, ms", pairs, lambda side: side.alarmed.back_ms)


def _counted(
    what: str, pairs: Sequence[Pair], of: Callable[[Side], int], out_of: Callable[[list[Side]], str]
) -> Row:
    """Sums over all pairs, of which ours must be 0."""
    ours, theirs = [pair.ours for pair in pairs], [pair.theirs for pair in pairs]
    total = sum(map(of, ours))
    told = f"{total:,} of {out_of(ours)}", f"{sum(map(of, theirs)):,} of {out_of(theirs)}"
    return Row(what, *told, "", "0", total == 0)


def _of_kills(sides: list[Side]) -> str:
    accepted, kills = (sum(side.killed.accepted for side in sides), sum(side.killed.kills for side in sides))
    return f"{accepted:,}, {kills} kills"


def _of_said(sides: list[Side]) -> str:
    return f"{sum(side.one.said + side.ten.said for side in sides):,}"


def _limits(pairs: Sequence[Pair]) -> Iterator[Row]:
    ours = [pair.ours.ten.per_s for pair in pairs]
    yield Row(
        "readings/s, ten at a time",
        spread(ours),
        "–",
        "",
        f"≥ {LEAST_PER_S:,.0f}",
        median(ours) >= LEAST_PER_S,
    )
    raw = [pair.limits.raw_per_s for pair in pairs]
    shares = [pair.ours.ten.per_s / pair.limits.raw_per_s for pair in pairs]
    commit = spread([pair.ours.ten.commit_rows for pair in pairs])
    what = f"the limit: raw insertion of the same rows, {commit} a commit"
    met = median(shares) >= LEAST_OF_RAW
    yield Row(what, spread(ours), spread(raw), spread(shares, 2), f"≥ {LEAST_OF_RAW}", met)
    forwarded = [pair.limits.forwarded_per_s for pair in pairs]
    shares = [pair.ours.ten.per_s / pair.limits.forwarded_per_s for pair in pairs]
    what = "the limit: readings/s in such blocks through the broker alone"
    yield Row(what, spread(ours), spread(forwarded), spread(shares, 2))


def table(lines: Sequence[Row], pairs: int) -> Iterator[str]:
    """Markdown."""
    yield f"Medians of {pairs} interleaved pairs (least–greatest); ratios, ours to theirs, within each pair."
    yield ""
    yield "| what | Wardlink | thingsboard-gateway, or the limit | ratio | aim | |"
    yield "|---|---|---|---|---|---|"
    for row in lines:
        mark = {True: "met", False: "**missed**", None: ""}[row.met]
        yield f"| {row.what} | {row.ours} | {row.theirs} | {row.ratio} | {row.aim} | {mark} |"
