"""More and more gateways, to ten thousand: what each costs a larger site, and whether all come up at all.

Three brokers, PostgreSQL without a standby, light gateways that speak the whole contract (`hil.bench.crowd`),
each with its four TLS connections and one device that measures every ten seconds. A gateway says each second
how it is, on a narrow link every five (docs/contract.md): some thousand that do so each second fill two
cores, of which they themselves need a good part.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from hil.bench.growth import Say
from hil.bench.scale.several import KINDS, Kept, measure
from hil.bench.site import percentiles
from hil.cluster.layout import Asked
from hil.errors import NotReady

PERIOD_S = 10.0
BROKERS = 3
"""A process may have 20,000 files open here, which 5,000 gateways fill."""


async def run(
    folder: Path, counts: Sequence[int], controllers: int, *, state_s: float, seconds: float, say: Say
) -> list[Kept]:
    """Each count; what does not come up is told, and left out."""
    kept: list[Kept] = []
    for count in counts:
        asked = Asked(BROKERS, controllers, count, 1, PERIOD_S, standby=False, state_s=state_s)
        try:
            kept.append(await measure(folder / str(count), f"{count} gateways", asked, seconds))
        except NotReady as error:
            say(f"{count} gateways: not measured: {error!s:.300}")
            continue
        say(list(table(kept[-1:]))[-1])
    return kept


def table(kept: Sequence[Kept]) -> Iterator[str]:
    """In Markdown. Cores and MB of all processes of a kind together."""
    cores = " | ".join(f"{kind}, cores | MB" for kind in KINDS)
    yield (
        f"| gateways | controllers | a state every, s | stored, readings/s | {cores}"
        " | measured → receipt p50 / p99, ms | sent again | all there after, s |"
    )
    yield "|" + "---:|" * (7 + 2 * len(KINDS))
    for one in kept:
        asked = one.asked
        used = " | ".join(
            f"{one.cpu_s[kind] / one.seconds:.3f} | {one.megabytes[kind]:,.0f}" for kind in KINDS
        )
        site = (
            f"{asked.gateways:,} | {asked.controllers} | {asked.state_s:g} | {one.stored / one.seconds:,.0f}"
        )
        late = "{:,.0f} / {:,.0f}".format(*percentiles(one.receipt_ms, 50, 99))
        yield f"| {site} | {used} | {late} | {sum(one.again):,} | {one.there_s:.0f} |"
