"""What a network can be like: each kind, drawn from a seed, comes over a `Wan` and proves that it did.

weather = draw(rng, "loss")
await weather.come(wan, seconds)      # it stays until the network is set to something else
weather.fired(counts)                 # of the time that it lasted
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from hil.faults.wan import PERFECT, Conditions, Wan

DOWN = Conditions(down=True)
NARROW = "narrow link after a blackout"
FLAPPING = "flapping link"


@dataclass(frozen=True, slots=True)
class Weather:
    """`steps` are (up, down, seconds or None for as long as it lasts), repeated until its time is over.

    `proof` names counts, each of which must have risen by so much.
    """

    name: str
    steps: tuple[tuple[Conditions, Conditions, float | None], ...]
    proof: Mapping[str, int] = field(default_factory=dict[str, int])
    orphans: bool = False
    """Whether every connection is forgotten when it comes."""

    async def come(self, wan: Wan, seconds: float) -> None:
        """Be so for `seconds`; the last step's conditions stay."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        if self.orphans:
            await wan.orphan()
        while (left := end - loop.time()) > 0:
            for up, down, lasts in self.steps:
                await wan.set(up, down)
                await asyncio.sleep(left if lasts is None else lasts)

    def fired(self, counts: Counter[str]) -> bool:
        """Whether the network's own counts prove it."""
        return all(counts[name] >= least for name, least in self.proof.items())


def _always(name: str, up: Conditions, down: Conditions | None = None, **proof: int) -> Weather:
    counts = {key.replace("_", "-"): least for key, least in proof.items()}
    return Weather(name, ((up, up if down is None else down, None),), counts)


def _slow(rng: Random) -> Weather:
    delay = rng.uniform(0.04, 0.6)
    conditions = Conditions(delay_s=delay, jitter_s=delay / 5)
    return _always(f"delay {delay * 1000:.0f} ms each way", conditions, up_delayed=50, down_delayed=20)


def _loss(rng: Random) -> Weather:
    return _always("loss 20%", Conditions(delay_s=rng.uniform(0.01, 0.1), loss=0.2), up_lost=5, down_lost=5)


def _narrow(rng: Random) -> Weather:
    """The blackout, which makes a backlog; the campaign then opens a narrow link."""
    return _always(NARROW, DOWN, up_blacked_out=1)


def _reordering(rng: Random) -> Weather:
    share = rng.uniform(0.1, 0.5)
    conditions = Conditions(delay_s=rng.uniform(0.02, 0.2), reorder=share)
    return _always(f"reordering {share:.0%}", conditions, up_reordered=5, down_reordered=5)


def _half_open(rng: Random) -> Weather:
    proof = {"up-orphaned": 4, "up-connections": 1}
    return Weather("half-open connections", ((PERFECT, PERFECT, None),), proof, orphans=True)


def _blackout(rng: Random) -> Weather:
    return _always("blackout", DOWN, up_blacked_out=4)


def _one_way(rng: Random) -> Weather:
    if rng.random() < 0.5:
        return _always("blackout upwards only", DOWN, PERFECT, up_blacked_out=1)
    return _always("blackout downwards only", PERFECT, DOWN, down_blacked_out=1)


def _flapping(rng: Random) -> Weather:
    """The campaign takes the link away and gives it back (`hil.campaigns.flaps`)."""
    return Weather(FLAPPING, (), {"up-blacked-out": 2, "up-delivered": 2})


def _storm(rng: Random) -> Weather:
    """Everything at once, as an ambulance has it."""
    rate = rng.uniform(128e3, 256e3)
    conditions = Conditions(0.15, 0.05, loss=0.05, reorder=0.05, rate_bps=rate)
    name = f"all at once at {rate / 1000:.0f} kbit/s"
    return _always(name, conditions, up_lost=1, up_reordered=1, up_queued=5)


KINDS = {
    "narrow": _narrow,
    "loss": _loss,
    "half-open": _half_open,
    "slow": _slow,
    "flapping": _flapping,
    "reordering": _reordering,
    "blackout": _blackout,
    "one-way": _one_way,
    "storm": _storm,
}


def draw(rng: Random, kind: str) -> Weather:
    """A network of the kind `kind`, one of KINDS."""
    return KINDS[kind](rng)
