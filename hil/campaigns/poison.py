"""Poison: an enrolled gateway publishes what it must not, while six other devices stream.

A round gives one message of each kind in `hil.faults.poison`. Each has to meet its fate (quarantined,
refused, counted, denied), the poisoner's own good blocks go on beside it, and the other gateway, its devices
and every process feel nothing.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import aiomqtt

from controller.clock import SystemClock
from controller.hub import Hub
from controller.identity.files import FOLDER
from controller.registry import Registry
from controller.store import Store
from hil.campaigns.running_ward import RunningWard, add_to_last
from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.faults.poison import CATALOGUE, Fate, Poison, Scene
from hil.faults.poisoned import Bystanders, Fates
from hil.faults.rogue import ROGUE, VITAL_TOPIC, Rogue
from hil.identities import given
from hil.sims.emitted import boot_id, now_ns
from hil.until import until

_FATE_S, _FRESH_S, _LET_IN_S = 10.0, 5.0, 15.0


async def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None]) -> Verdict:
    """Poison in `rounds` rounds, in an empty `folder`. Raises NotReady when the ward does not even start."""
    verdict, doses = Verdict("poison", seed), _doses(Random(seed))
    async with RunningWard(folder, beds=2) as ward:
        lab = await _Lab.begun(ward)
        for number in range(rounds):
            problems = await lab.round(next(doses), verdict)
            say(f"{number + 1}/{rounds}: {'; '.join(problems) or f'nobody felt {verdict.rounds[-1].fault}'}")
        add_to_last(verdict, lab.fates.own_problems() + lab.bystanders.problems() + await ward.end())
        verdict.facts |= {**lab.facts(), **ward.facts()}
    return verdict


def _doses(rng: Random) -> Iterator[list[str]]:
    """One name of each kind, for ever; of each kind all of them, shuffled, before any comes again."""
    kinds: dict[str, list[str]] = {}
    for name in sorted(CATALOGUE):
        kinds.setdefault(name.partition(":")[0], []).append(name)
    streams = [_shuffled(rng, names) for names in kinds.values()]
    while True:
        yield [next(names) for names in streams]


def _shuffled(rng: Random, names: list[str]) -> Iterator[str]:
    while True:
        yield from rng.sample(names, len(names))


async def _enrolled(controller: Path, mqtt: str) -> ssl.SSLContext:
    """Let the poisoner in like any gateway. Returns TLS with its certificate."""
    store = await Store.open(controller / "wardlink.sqlite")
    try:
        clock = SystemClock()
        registry = Registry(store, Hub(clock, ROGUE), clock)
        await registry.load()
        await registry.add_gateway(ROGUE, "Stranger")
        folder = await given(store, controller / FOLDER, ROGUE, controller.parent / ROGUE, mqtt)
        return folder.context()
    finally:
        await store.close()


class _Lab:
    """The poisoner at work, and what is looked at."""

    def __init__(self, ward: RunningWard, rogue: Rogue) -> None:
        self._ward = ward
        self._rogue = rogue
        self._scene = Scene(rogue, ward.streams()[0].journal, boot_id())
        self.fates = Fates(ward.database, ward.folder.controller / "broker" / "nats.log", rogue)
        self.bystanders = Bystanders(ward.killer, ward.database)
        self._given: list[str] = []
        self._good_blocks = 0

    @classmethod
    async def begun(cls, ward: RunningWard) -> "_Lab":
        """Enrol the poisoner. Raises NotReady when the broker does not let it in."""
        addresses = ward.stack.addresses()
        if addresses is None:
            raise NotReady("the controller says no address")
        rogue = Rogue(
            int(addresses.mqtt.rpartition(":")[2]), await _enrolled(ward.folder.controller, addresses.mqtt)
        )
        # The controller tells its broker of a new gateway within a second or so.
        for _ in range(int(_LET_IN_S / 0.2)):
            with suppress(aiomqtt.MqttError):
                async with rogue.client():
                    return cls(ward, rogue)
            await asyncio.sleep(0.2)
        raise NotReady(f"{ROGUE} was not let in within {_LET_IN_S:.0f} s")

    async def round(self, dose: list[str], verdict: Verdict) -> list[str]:
        """Give the dose; what did not hold. It has fired when each message has met its fate."""
        problems = [problem for name in dose if (problem := await self._given_one(name))]
        fired = not problems
        problems += [f"a receipt for journal {journal.hex()}" for journal in self._rogue.strange]
        problems += await self._others_go_on() + self.bystanders.problems()
        verdict.round(", ".join(dose), fired=fired, problems=problems)
        return problems

    async def _given_one(self, name: str) -> str:
        """Publish it, see what becomes of it, and that a good block still goes; what did not hold."""
        poison = CATALOGUE[name](self._scene)
        self._given.append(name)
        try:
            if poison.fate == Fate.DENIED:
                await self._denied(name, poison)
            async with self._rogue.connected() as client:
                if poison.fate != Fate.DENIED:
                    await self._meets_fate(name, poison, client)
                await self._good(client)
        except (aiomqtt.MqttError, NotReady) as error:
            return f"{name}: {error}"
        return ""

    async def _meets_fate(self, name: str, poison: Poison, client: aiomqtt.Client) -> None:
        before = self.fates.times(poison)
        await client.publish(poison.topic, poison.payload, qos=1)
        met = f"{name} is {poison.fate.name.lower()}"
        await until(met, lambda: self.fates.times(poison) > before, _FATE_S)
        if poison.number is None:
            return
        told = "quarantined" if poison.fate == Fate.QUARANTINED else "committed"
        if poison.whole:
            if poison.number in self._rogue.told:
                raise NotReady(f"{name} was receipted, damaged as it was")
            await client.publish(VITAL_TOPIC, poison.whole, qos=1)
        await self._receipted(poison.number, told)

    async def _denied(self, name: str, poison: Poison) -> None:
        before = self.fates.times(poison)
        # The broker may answer by closing the connection, and never answers with a message.
        with suppress(aiomqtt.MqttError, TimeoutError):
            async with self._rogue.client() as client, asyncio.timeout(0.2):
                await client.publish(poison.topic, poison.payload, qos=0)
                raise NotReady(f"{name} brought {(await anext(client.messages)).topic}")
        await until(f"{name} is denied", lambda: self.fates.times(poison) > before, _FATE_S)

    async def _good(self, client: aiomqtt.Client) -> None:
        number = self._rogue.take_number()
        await client.publish(VITAL_TOPIC, self._rogue.good(number), qos=1)
        await self._receipted(number, "committed")
        self._good_blocks += 1

    async def _receipted(self, number: int, told: str) -> None:
        await until(f"block {number} is told {told}", lambda: self._rogue.told.get(number) == told, _FATE_S)

    async def _others_go_on(self) -> list[str]:
        # Thermometers speak too seldom to be waited for; the end check has them.
        quick = {device for device in self._ward.devices if not device.startswith("temp")}
        row, since_ns = self._ward.last_row(), now_ns()
        try:
            await until("the others go on", lambda: quick <= self._ward.live_since(since_ns, row), _FRESH_S)
        except NotReady as error:
            return [str(error)]
        return []

    def facts(self) -> dict[str, str]:
        """How much poison."""
        different = len(set(self._given))
        return {
            "poison": f"{len(self._given)} messages, {different} of the {len(CATALOGUE)} in the catalogue",
            "own good blocks": f"{self._good_blocks} committed between them",
        }
