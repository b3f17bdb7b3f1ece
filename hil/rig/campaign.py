"""One fault after the other on a rig that runs: nothing lost in silence, nothing twice, all in order.

result = campaign(rig, drawn(kinds_for(rig.features), 7, None), seed=7, rounds=1, say=print)
result.verdict.passed
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.measure.recovery import Recovery, recovery
from hil.rig.kinds import Kind
from hil.rig.rig import Rig, now_us
from hil.rig.site import until

_LATEST_S, _PATIENCE_S = 3.0, 30.0
"""How old the newest reading may be on the gateway's clock, once what waited has come."""
_LIVE_S, _LOOK_S = 60.0, 0.05
"""So long a new reading is waited for, and so often looked for."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One round: when it began and the fault ended, seconds of the monotonic clock; how long after that a
    reading was in the ledger that was measured after its end (None: never); and how the fault is known."""

    kind: str
    began: float
    ended: float
    recovered: Recovery | None
    known: str


@dataclass(slots=True)
class Result:
    """What a campaign found."""

    verdict: Verdict
    happened: list[Happened] = field(default_factory=list[Happened])

    def fired(self) -> set[str]:
        """The kinds that did."""
        return {one.kind for one in self.happened if one.known}


def order(rng: Random, kinds: Sequence[Kind], rounds: int) -> list[Kind]:
    """Each kind `rounds` times, each once before one comes again."""
    return [kind for _ in range(rounds) for kind in rng.sample(kinds, len(kinds))]


def drawn(kinds: Sequence[Kind], seed: int, count: int | None) -> Sequence[Kind]:
    """So many of the kinds, the same for the same seed; all without a count."""
    chosen = Random(f"{seed} kinds").sample(kinds, min(count or len(kinds), len(kinds)))
    return [kind for kind in kinds if kind in chosen]


def campaign(rig: Rig, kinds: Sequence[Kind], seed: int, rounds: int, say: Callable[[str], object]) -> Result:
    """Every one of `kinds`, `rounds` times. It ends with a round that is not well."""
    rng = Random(seed)
    result = Result(Verdict("rig", seed))
    for kind in order(rng, kinds, rounds):
        problems = _round(rig, kind, rng, result)
        one = result.happened[-1]
        say(f"{kind.name}: {'; '.join(problems) or _well(one)}")
        if problems:
            break
    return result


def _well(one: Happened) -> str:
    after_s = one.recovered.seen_s - one.ended if one.recovered else _LIVE_S
    return f"live again after {after_s:.1f} s ({one.known or 'NOT FIRED'})"


def _round(rig: Rig, kind: Kind, rng: Random, result: Result) -> list[str]:
    mark, began = rig.ledger.mark(), time.monotonic()
    known, ended, recovered, problems = "", began, None, list[str]()
    try:
        known = kind.bring(rig, rng)
        ended = time.monotonic()
        recovered = _recovered(rig, ended)
        problems += _on_time(rig) if recovered else ["no new reading came any more"]
    except NotReady as error:
        problems.append(str(error))
    problems += rig.settled(mark)
    again = rig.ledger.account(mark).again
    if again:
        text = f"{len(again)} readings came again after the gateway was killed (known: docs/nodes.md)"
        result.verdict.facts[f"round {len(result.happened) + 1}"] = text
        problems += [] if kind.name == "gateway killed" else [text]
    result.happened.append(Happened(kind.name, began, ended, recovered, known))
    result.verdict.round(kind.name, fired=bool(known), problems=problems)
    return problems


def _recovered(rig: Rig, ended: float) -> Recovery | None:
    """Look until a reading that was measured after the fault's end is in the ledger."""
    looks, end_us = list[tuple[float, bool]](), round(ended * 1e6)
    while not (looks and looks[-1][1]) and time.monotonic() - ended < _LIVE_S:
        time.sleep(_LOOK_S if looks else 0)
        is_live = rig.ledger.is_live_since(end_us)
        looks.append((time.monotonic(), is_live))
    return recovery(looks, ended)


def _on_time(rig: Rig) -> list[str]:
    """The node's clock may stand, jump or begin anew: what it measures now is put where now is."""

    def late_s() -> float:
        return (now_us() - rig.ledger.newest_us()) / 1e6

    try:
        until("the newest reading is of now", lambda: abs(late_s()) < _LATEST_S, _PATIENCE_S)
    except NotReady:
        return [f"the newest reading is {late_s():.1f} s old"]
    return []


def blocks_accounted(rig: Rig) -> list[str]:
    """Wait until the controller accounts for every block of the gateway; what is not so, as sentences."""
    try:
        until("every block is accounted for", lambda: not rig.ledger.blocks(), 20.0, 0.2)
    except NotReady:
        return rig.ledger.blocks()
    return []
