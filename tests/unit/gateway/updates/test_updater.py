"""When a release is fetched and tried, what is said of it, and who has to wait for whom."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.model.orders import SOFTWARE_RELEASE
from gateway.errors import UpdateError
from gateway.orders.kept import ConfigurationFile
from gateway.updates.install import install
from gateway.updates.launcher import CONFIG_VARIABLE, FOLDER_VARIABLE, SLOT_VARIABLE, choose, give_up
from gateway.updates.place import Place, software
from gateway.updates.slots import Slots
from gateway.updates.updater import Updater
from hil.faults.releases import tiny
from tests.support.waiting import until
from tests.unit.gateway.orders.made import HeldClock, configuration


class PassingClock(HeldClock):
    """A clock that a test sets; nanoseconds since the start of the host."""

    now_ns = 0

    def now(self) -> Instant:
        return Instant(self.now_ns)


class Near(Place):
    """A box whose mirror is a folder of bundles, or fails. `asked`: what was fetched, in order."""

    bundles: Path
    asked: list[int]
    problem: UpdateError | None = None

    async def fill(self, number: int) -> None:
        self.asked.append(number)
        if self.problem:
            raise self.problem
        self.slots.fill(tiny(self.bundles / f"{len(self.asked)}", number), lambda _: None)


@dataclass
class Box:
    """A gateway's part of updates, at whose edges a test stands. `start` begins it as the launcher would."""

    folder: Path
    clock: PassingClock = field(default_factory=PassingClock)
    told: list[dict[str, str | int]] = field(default_factory=list)
    alarms: list[tuple[int, str]] = field(default_factory=list)
    measuring: str = ""
    is_online: bool = True
    receipt: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.configuration = ConfigurationFile("ward-a", self.folder / "configuration.cose")
        root = self.folder / "root.json"
        root.write_text("{}", encoding="utf-8")
        install(tiny(self.folder, 1), root, self.folder / "box")
        self.slots = Slots(self.folder / "box")

    def want(self, release: int, revision: int = 1) -> None:
        self.configuration.configuration = configuration(revision, **{SOFTWARE_RELEASE: release})

    def start(self, *, with_slots: bool = True) -> Near | None:
        slot, _ = choose(self.slots.folder)
        known = {FOLDER_VARIABLE: str(self.slots.folder), SLOT_VARIABLE: slot, CONFIG_VARIABLE: "box.toml"}
        place = Near.of(known if with_slots else {}, self.folder / "identity")
        if place is not None:
            assert isinstance(place, Near)
            place.bundles, place.asked = self.folder / "mirror", []
        updater = Updater(
            place,
            self.configuration,
            self.clock,
            self._tell,
            busy=lambda: self.measuring,
            online=lambda: self.is_online,
            receipted=self._receipted,
            alarm=lambda release, why: self.alarms.append((release, why)),
            look_s=0.001,
        )
        self._task = asyncio.create_task(updater.run())
        return place

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _tell(self, event: DeviceEvent) -> None:
        assert event.kind == EventKind.SOFTWARE
        self.told.append(dict(event.detail))

    async def _receipted(self) -> None:
        await self.receipt.wait()

    @property
    def progress(self) -> list[tuple[str | int, str | int]]:
        return [(one["release"], one["progress"]) for one in self.told]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


async def some_looks() -> None:
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_nothing_is_done_when_no_release_is_wanted_or_the_wanted_one_runs(box: Box) -> None:
    place = box.start()
    await some_looks()
    box.want(1)
    await some_looks()
    assert place is not None
    assert (place.asked, box.told, box.slots.state().trial) == ([], [], None)
    await box.stop()


async def test_a_wanted_release_is_fetched_and_put_on_trial(box: Box) -> None:
    box.want(2, revision=9)
    box.start()
    await until(lambda: box.slots.state().trial, "it is put on trial")
    trial = box.slots.state().trial
    assert trial is not None
    assert (trial.slot, trial.release, trial.asked) == ("b", 2, 9)
    await box.stop()


async def test_it_is_fetched_but_not_tried_while_a_patient_is_monitored(box: Box) -> None:
    box.measuring = "ox-1"
    box.want(2)
    box.start()
    await until(lambda: box.told, "it is said why it waits")
    await some_looks()
    assert box.told == [{"release": 2, "progress": "filled", "why": "it waits: ox-1 measures a patient"}]
    assert box.slots.state().trial is None
    box.measuring = ""
    await until(lambda: box.slots.state().trial, "it is put on trial")
    await box.stop()


async def test_it_is_not_tried_while_no_controller_could_judge_it(box: Box) -> None:
    box.is_online = False
    box.want(2)
    box.start()
    await until(lambda: box.progress == [(2, "filled")], "it is fetched")
    await some_looks()
    assert box.slots.state().trial is None
    box.is_online = True
    await until(lambda: box.slots.state().trial, "it is put on trial")
    await box.stop()


async def test_on_trial_it_is_confirmed_by_a_receipt_and_by_nothing_less(box: Box) -> None:
    box.want(2)
    box.slots.fill(tiny(box.folder, 2), lambda _: None)
    box.slots.ask_for_trial(1)
    box.start()
    await until(lambda: box.progress == [(2, "trial")], "it is said that it is on trial")
    await some_looks()
    assert box.slots.state().good == "a"
    box.receipt.set()
    await until(lambda: box.progress == [(2, "trial"), (2, "installed")], "it is installed")
    assert (box.slots.state().good, box.slots.state().trial) == ("b", None)
    assert set(box.alarms) == {(0, "")}
    await box.stop()


async def test_what_failed_is_told_raises_an_alarm_and_is_not_tried_again_until_it_is_configured_anew(
    box: Box,
) -> None:
    box.slots.fill(tiny(box.folder, 2), lambda _: None)
    box.slots.ask_for_trial(1)
    give_up(box.slots.folder, "mute")
    box.want(2, revision=1)
    place = box.start()
    await until(lambda: box.progress == [(2, "failed")], "it is told")
    await some_looks()
    assert box.alarms[0][0] == 2
    assert "mute" in box.alarms[0][1]
    assert place is not None
    assert (place.asked, box.slots.state().trial) == ([], None)
    box.want(2, revision=2)
    await until(lambda: box.slots.state().trial, "it is tried once more")
    await box.stop()


async def test_the_alarm_ends_when_the_release_that_failed_is_wanted_no_more(box: Box) -> None:
    box.slots.fill(tiny(box.folder, 2), lambda _: None)
    box.slots.ask_for_trial(1)
    give_up(box.slots.folder, "mute")
    box.want(2, revision=1)
    box.start()
    await until(lambda: box.alarms and box.alarms[-1][0] == 2, "it failed")
    box.want(1, revision=2)
    await until(lambda: box.alarms[-1] == (0, ""), "the alarm ends")
    await box.stop()


async def test_an_older_release_than_the_one_that_runs_is_refused(box: Box) -> None:
    box.slots.fill(tiny(box.folder, 5), lambda _: None)
    box.slots.ask_for_trial(1)
    box.slots.confirm("b")
    box.want(4)
    place = box.start()
    await until(lambda: box.told, "it is told")
    assert box.told == [
        {"release": 4, "progress": "refused", "why": "older: expected a release after 5, got 4"}
    ]
    assert place is not None
    assert place.asked == []
    await box.stop()


async def test_a_gateway_without_slots_says_so(box: Box) -> None:
    box.want(2)
    assert box.start(with_slots=False) is None
    await until(lambda: box.told, "it is told")
    assert "no-slots" in str(box.told[0]["why"])
    await box.stop()


async def test_without_the_time_nothing_is_fetched_for_nothing_tells_how_old_it_is(box: Box) -> None:
    box.clock.utc = None
    box.want(2)
    place = box.start()
    await until(lambda: box.told, "it is told")
    assert "clock" in str(box.told[0]["why"])
    assert place is not None
    assert place.asked == []
    await box.stop()


async def test_what_cannot_be_fetched_is_told_once_and_tried_again_later_and_later(box: Box) -> None:
    box.want(2)
    place = box.start()
    assert place is not None
    place.problem = UpdateError("unreachable", "no route")
    await until(lambda: len(place.asked) == 1, "it is tried")
    await some_looks()
    assert len(place.asked) == 1
    box.clock.now_ns += 61_000_000_000
    await until(lambda: len(place.asked) == 2, "it is tried again")
    box.clock.now_ns += 61_000_000_000
    await some_looks()
    assert len(place.asked) == 2
    place.problem = None
    box.clock.now_ns += 121_000_000_000
    await until(lambda: box.slots.state().trial, "it is put on trial")
    assert box.progress == [(2, "refused")]
    await box.stop()


def test_a_birth_names_the_release_that_runs(box: Box) -> None:
    known = {FOLDER_VARIABLE: str(box.slots.folder), SLOT_VARIABLE: "a", CONFIG_VARIABLE: "box.toml"}
    assert software(Place.of(known, box.folder)) == f"{software(None)} release 1"
