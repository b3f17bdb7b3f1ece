"""A certificate is renewed in time, or late, and never in a storm; until then the old one stays whole."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pytest

from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.enrolment.renewal import Renewal
from gateway.errors import NotEnrolled
from hil.simulation.disk import Disk
from hil.simulation.loop import Crash
from tests.support.est import DAY_S, Est, Times
from tests.support.waiting import until

LIFE_DAYS = 30
TICK_S = 0.002


@dataclass
class Box:
    """An enrolled gateway whose certificate is looked after."""

    folder: IdentityFolder
    first: Identity
    renewal: Renewal
    renewed: list[Identity] = field(default_factory=list[Identity])
    warned: list[tuple[bool, int]] = field(default_factory=list[tuple[bool, int]])
    """(whether it is about to expire, the days left) of each call."""

    def held(self) -> Identity:
        return self.folder.load()


@asynccontextmanager
async def box(est: Est, folder: IdentityFolder, times: Times) -> AsyncIterator[Box]:
    first = await enrol(folder, await est.claim("ward-a"), None, times.gateway())
    async with looked_after(folder, first, times) as made:
        yield made


@asynccontextmanager
async def looked_after(folder: IdentityFolder, first: Identity, times: Times) -> AsyncIterator[Box]:
    """Again, as after a restart."""
    renewed, warned = list[Identity](), list[tuple[bool, int]]()

    def warn(soon: bool, left_s: float) -> None:
        warned.append((soon, round(left_s / DAY_S)))

    clock = times.gateway()
    renewal = Renewal(folder, clock, random.Random(1), renewed.append, warn, tick_s=TICK_S)
    running = asyncio.create_task(renewal.run())
    await a_while(times)
    try:
        yield Box(folder, first, renewal, renewed, warned)
    finally:
        running.cancel()
        await asyncio.wait({running})


async def a_while(times: Times) -> None:
    """Long enough for what should not happen: the renewal has looked at its clock again and again."""
    seen = times.looks
    await until(lambda: times.looks > seen + 20, "it looks at its clock")


async def test_at_two_thirds_of_its_life_it_has_a_new_key_and_a_new_certificate(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    async with box(est, folder, times) as one:
        times.let_pass(0.59 * LIFE_DAYS * DAY_S)
        await a_while(times)
        assert one.renewed == []
        times.let_pass(0.15 * LIFE_DAYS * DAY_S)
        await until(lambda: one.renewed, "renewal")
        held = one.held()
        assert held.chain == one.renewed[0].chain
        assert (held.gateway, held.mqtt) == ("ward-a", one.first.mqtt)
        assert held.key.private_numbers() != one.first.key.private_numbers()
        assert held.ends_s > one.first.ends_s
        assert one.warned == [(False, LIFE_DAYS)]


async def test_it_goes_on_for_ever(est: Est, folder: IdentityFolder, times: Times) -> None:
    async with box(est, folder, times) as one:
        for done in range(1, 4):
            times.let_pass(0.74 * LIFE_DAYS * DAY_S)
            await until(lambda done=done: len(one.renewed) == done, "renewal")
        assert await est.issued("ward-a") == 4


async def test_a_vehicle_that_was_parked_renews_with_its_expired_certificate(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    async with box(est, folder, times) as one:
        times.let_pass(8 * 7 * DAY_S)
        await until(lambda: one.renewed, "renewal")
        await until(lambda: len(one.warned) > 2, "the alert ends")
        assert [soon for soon, _ in one.warned] == [False, True, False]
        assert one.warned[1][1] == LIFE_DAYS - 56


async def test_when_a_sixth_is_left_there_is_an_alert_and_the_old_one_is_kept(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    async with box(est, folder, times) as one:
        await est.revoke("ward-a")
        times.let_pass(0.9 * LIFE_DAYS * DAY_S)
        await until(lambda: (True, 3) in one.warned, "the alert")
        await a_while(times)
        assert one.renewed == []
        assert one.held().chain == one.first.chain


async def test_without_a_controller_it_tries_again_longer_and_longer_apart(
    est: Est, folder: IdentityFolder, times: Times, caplog: pytest.LogCaptureFixture
) -> None:
    def tries() -> int:
        return caplog.text.count("was not renewed")

    first = await enrol(folder, await est.claim("ward-a"), None, times.gateway())
    folder.install(replace(first, est="https://127.0.0.1:1"))
    times.let_pass(0.74 * LIFE_DAYS * DAY_S)
    async with looked_after(folder, first, times) as one:
        for number, longest_s in enumerate((60, 120, 240, 480)):
            await until(lambda number=number: tries() == number + 1, "an attempt")
            times.let_pass(0.49 * longest_s)
            await a_while(times)
            assert tries() == number + 1
            times.let_pass(0.52 * longest_s)
        assert one.renewed == []
    folder.install(first)
    async with looked_after(folder, first, times) as one:
        await until(lambda: one.renewed, "renewal")


async def test_a_lost_answer_leads_to_one_certificate_of_one_key(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    async with box(est, folder, times) as one:
        est.lose = 1
        times.let_pass(0.74 * LIFE_DAYS * DAY_S)
        await until(lambda: not est.lose, "the loss")
        await a_while(times)
        times.let_pass(60)
        await until(lambda: one.renewed, "renewal")
        assert await est.issued("ward-a") == 2


async def test_a_box_that_does_not_know_the_time_renews_after_an_hour_then_by_its_own_counting(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    times.unset = True
    async with box(est, folder, times) as one:
        times.let_pass(3500)
        await a_while(times)
        assert one.renewed == []
        times.let_pass(200)
        await until(lambda: len(one.renewed) == 1, "renewal")
        times.let_pass(0.59 * LIFE_DAYS * DAY_S)
        await a_while(times)
        assert len(one.renewed) == 1
        times.let_pass(0.15 * LIFE_DAYS * DAY_S)
        await until(lambda: len(one.renewed) == 2, "renewal")
        assert one.warned == []


async def test_a_clock_that_is_a_year_ahead_makes_no_storm(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    """The box believes that its new certificate has expired, too."""
    first = await enrol(folder, await est.claim("ward-a"), None, times.gateway())
    ahead = Times()
    ahead.let_pass(365 * DAY_S)
    async with looked_after(folder, first, ahead) as one:
        await until(lambda: one.renewed, "renewal")
        await a_while(ahead)
        assert await est.issued("ward-a") == 2
        ahead.let_pass(1.3 * DAY_S)
        await until(lambda: len(one.renewed) == 2, "renewal")


async def test_a_certificate_that_the_broker_does_not_take_is_renewed_at_once(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    async with box(est, folder, times) as one:
        await a_while(times)
        one.renewal.hurry()
        await until(lambda: one.renewed, "renewal")
        one.renewal.hurry()
        await a_while(times)
        assert len(one.renewed) == 1  # just tried


async def test_killed_at_every_step_it_has_a_whole_identity_and_one_certificate_more(
    est: Est, tmp_path: Path, times: Times
) -> None:
    kept = IdentityFolder(tmp_path / "kept" / "identity")
    await enrol(kept, await est.claim("ward-a"), None, times.gateway())
    times.let_pass(0.74 * LIFE_DAYS * DAY_S)
    steps: list[tuple[str, int]] = [("create", 99)]
    for number in count():
        root = tmp_path / f"box-{number}"
        disk = Disk(root, random.Random(1), lambda: 0)
        folder = IdentityFolder(root / "identity")
        root.mkdir()
        with disk.in_use():
            folder.install(kept.load())
            disk.passed.clear()
            disk.aim(*steps[number], "before")
            await _until_it_ends(folder, times)
            disk.close_all()
        if number == 0:
            steps += [(point, nth + 1) for point, times_ in disk.passed.items() for nth in range(times_)]
        before = await est.issued("ward-a")
        async with looked_after(folder, folder.load(), times) as one:
            await until(lambda one=one: one.held().ends_s > kept.load().ends_s, "a new certificate")
        assert await est.issued("ward-a") <= before + 1
        if number + 1 == len(steps):
            break
    assert len(steps) > 8


async def _until_it_ends(folder: IdentityFolder, times: Times) -> None:
    """A renewal that crashes, or is done."""

    def done(_: Identity) -> None:
        raise Crash("done")

    with suppress(Crash):
        await Renewal(folder, times.gateway(), random.Random(1), done, lambda *_: None).run()


async def test_a_box_without_an_identity_has_nothing_to_renew(folder: IdentityFolder, times: Times) -> None:
    renewal = Renewal(folder, times.gateway(), random.Random(1), print, lambda *_: None)
    with pytest.raises(NotEnrolled):
        await renewal.run()
