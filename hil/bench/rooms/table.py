"""What the bench of rooms prints."""

from collections.abc import Iterator, Sequence

from hil.bench.rooms.bench import Gathering, Measured, Narrow
from hil.bench.site import percentiles


def table(measured: Measured) -> Iterator[str]:
    """Two tables of Markdown."""
    yield (
        "| parties | pictures go | last joined, ms | frames/s of "
        f"{measured.fps} | freezes | glass to glass, ms | as pages reckon it, ms | vital signs, ms "
        "| a mark there and back, ms |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    yield from (_gathering(one) for one in measured.gatherings)
    yield ""
    yield "Each p50 / p95."
    yield from (f"Not measured: {one}" for one in measured.failed)
    yield ""
    yield (
        "| two over | vital signs, ms, not governed | governed | arrived | frames/s, lines | governed "
        "| glass to glass, ms | governed |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    plain = [one for one in measured.narrow if not one.governed]
    governed = [one for one in measured.narrow if one.governed]
    yield from (_narrow(*pair) for pair in zip(plain, governed, strict=True))
    yield ""
    yield "Vital signs p50 / p95 / greatest; arrived of what was sent, not governed and governed."


def _gathering(one: Gathering) -> str:
    way = "by the server" if one.server else "from each to each"
    cells = (
        *(str(one.parties), way, f"{one.joined_ms[-1]:.0f}", f"{one.frames_per_s:.1f}", str(one.freezes)),
        *(_times(times, 50, 95) for times in (one.glass_ms, one.reckoned_ms, one.vital_ms, one.back_ms)),
    )
    return f"| {' | '.join(cells)} |"


def _narrow(plain: Narrow, governed: Narrow) -> str:
    part = "a free way" if plain.kbit == 0 else f"{plain.kbit} kbit/s, {plain.part} 5 s"
    cells = (
        part,
        *(_times(one.vital_ms, 50, 95, 100) for one in (plain, governed)),
        ", ".join(f"{len(one.vital_ms)} of {one.told}" for one in (plain, governed)),
        *(f"{one.frames_per_s:.1f}, {one.lines}" for one in (plain, governed)),
        *(_times(one.glass_ms, 50, 95) for one in (plain, governed)),
    )
    return f"| {' | '.join(cells)} |"


def _times(values: Sequence[float], *per_cents: float) -> str:
    return " / ".join(f"{one:.0f}" for one in percentiles(values, *per_cents)) if values else "–"
