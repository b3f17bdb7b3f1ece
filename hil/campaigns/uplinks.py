"""Two uplinks, of which one dies while six beds stream: first without MPTCP, in the other half with it.

Without it the route changes after a while, as a router or NetworkManager does it, and the gateway has to
notice that its connections are dead. With it (`net.mptcp.stale_loss_cnt = 1`) no route changes and no
connection is begun again: the connections that both uplinks counted prove it. A path that was dead is used
again only when TCP tries it again, up to twice the time that it was dead. Until then there is one uplink,
so the next death waits for it, as the first one does until every connection has a path over each uplink.
Passes with nothing lost, nothing twice, and what is live delayed by no more than `MOST_S`. Needs root and
iproute2.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

from hil.campaigns.network import RemoteWard
from hil.campaigns.running_ward import add_to_last
from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.faults.namespace import in_namespace, setting
from hil.faults.uplinks import Uplink, Uplinks
from hil.faults.wan import Conditions

MOST_S = {"TCP": 8.0, "MPTCP": 4.0}
"""How old the newest reading may become after the death, beside the time until the route changes."""
_USUAL = Conditions(delay_s=0.03)
_ROUTE_S = (0.0, 2.0)
_CALM_S, _WATCH_S, _LOOK_S = 4.0, 12.0, 0.05
_USED_AGAIN_S = 90
"""A path that came back and is not used for so long will not be used any more."""
_LANES = 4


@dataclass(frozen=True, slots=True)
class Death:
    """What one death did: how old the newest reading became, and what each uplink counted meanwhile."""

    worst_s: float
    dead: Counter[str]
    other: Counter[str]

    @property
    def fired(self) -> bool:
        """Whether the dead one was in use and carried nothing, and the other carried all."""
        return self.dead["up-blacked-out"] > 0 and self.dead["up-delivered"] == 0 < self.other["up-delivered"]

    @property
    def connections(self) -> int:
        """Begun while one was dead."""
        return self.dead["up-connections"] + self.other["up-connections"]


async def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None]) -> Verdict:
    """`rounds` deaths in an empty `folder`, half of them with MPTCP. Raises NotReady without root."""
    verdict, rng = Verdict("uplinks", seed), Random(seed)
    for kind, some in (("TCP", rounds // 2), ("MPTCP", rounds - rounds // 2)):
        if some:
            half = _Half(kind, verdict, rng, say)
            place = folder / kind
            place.mkdir(parents=True)
            await in_namespace(lambda half=half, place=place, some=some: half.run(place, some))
    return verdict


class _Half:
    def __init__(
        self,
        kind: str,
        verdict: Verdict,
        rng: Random,
        say: Callable[[str], None],
        watch_s: float = _WATCH_S,
    ) -> None:
        self._kind = kind
        self._watch_s = watch_s
        self._verdict = verdict
        self._rng = rng
        self._say = say
        self._worst: list[float] = []

    @property
    def _mptcp(self) -> bool:
        return self._kind == "MPTCP"

    async def run(self, folder: Path, rounds: int) -> None:
        setting("tcp_congestion_control", "reno")
        async with Uplinks(self._verdict.seed, _USUAL) as uplinks:
            if self._mptcp:
                await uplinks.allow_mptcp()
            async with RemoteWard(folder, beds=6, mptcp=self._mptcp) as ward:
                if self._mptcp:
                    await _connected_over(uplinks.first, uplinks.second)
                for number in range(rounds):
                    await self._round(uplinks, ward, uplinks.second if number % 4 == 3 else uplinks.first)
                add_to_last(self._verdict, await ward.end())
                self._verdict.facts |= {
                    f"{self._kind}, {name}": text for name, text in (ward.facts() | self._facts()).items()
                }

    def _facts(self) -> dict[str, str]:
        oldest = f"{median(self._worst):.1f} s at the median, {max(self._worst):.1f} s at the worst"
        return {"age of the newest reading": oldest}

    async def _round(self, uplinks: Uplinks, ward: RemoteWard, victim: Uplink) -> None:
        await asyncio.sleep(_CALM_S)
        after_s = self._rng.uniform(*_ROUTE_S)
        problems: list[str] = []
        death = await self._death(uplinks, ward, victim, after_s)
        allowed = MOST_S[self._kind] + (0 if self._mptcp else after_s)
        if death.worst_s > allowed:
            problems.append(f"the newest reading was {death.worst_s:.1f} s old, {allowed:.1f} s are allowed")
        if self._mptcp and death.connections:
            problems.append(f"{death.connections} connections were begun again in spite of MPTCP")
        try:
            await uplinks.returns(victim)
            if self._mptcp:
                await _used_again(victim)
            await ward.live_again("the death of an uplink")
            await ward.caught_up("the death of an uplink")
        except NotReady as error:
            problems.append(str(error))
        self._worst.append(death.worst_s)
        name = f"{self._kind}: {victim.interface} dies, newest reading at worst {death.worst_s:.2f} s old"
        self._verdict.round(name, fired=death.fired, problems=problems)
        self._say(f"{name}, {death.connections} connections begun: {'; '.join(problems) or 'ok'}")

    async def _death(self, uplinks: Uplinks, ward: RemoteWard, victim: Uplink, after_s: float) -> Death:
        other = uplinks.second if victim is uplinks.first else uplinks.first
        await uplinks.dies(victim)
        await asyncio.sleep(2 * _USUAL.delay_s)  # what had passed arrives
        before = await victim.wan.counts(), await other.wan.counts()
        loop = asyncio.get_running_loop()
        began, worst, left = loop.time(), 0.0, False
        while (passed := loop.time() - began) < self._watch_s:
            if passed >= after_s and not (left or self._mptcp):
                left = True
                await uplinks.is_left(victim)
            worst = max(worst, ward.age_s())
            await asyncio.sleep(_LOOK_S)
        return Death(worst, await victim.wan.counts() - before[0], await other.wan.counts() - before[1])


async def _connected_over(*uplinks: Uplink) -> None:
    """Wait until every lane has had a connection over each of them. Raises NotReady."""
    for _ in range(_USED_AGAIN_S):
        counted = [await one.wan.counts() for one in uplinks]
        if all(one["up-connections"] + one["up-paths"] >= _LANES for one in counted):
            return
        await asyncio.sleep(1)
    raise NotReady(f"after {_USED_AGAIN_S} s not every lane had a path over each uplink")


async def _used_again(uplink: Uplink) -> None:
    """Wait until something passes over `uplink`. Raises NotReady."""
    before = await uplink.wan.counts()
    for _ in range(_USED_AGAIN_S):
        await asyncio.sleep(1)
        if (await uplink.wan.counts() - before)["down-delivered"]:
            return
    raise NotReady(f"{uplink.interface} was back for {_USED_AGAIN_S} s and nothing used it")
