"""A command is done once, in time, for this gateway only; and what became of it is told."""

import asyncio
import json
import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from devices.errors import WireError
from devices.wire.orders import Command, pack_command
from gateway.errors import LinkError, NotKept, OrderRefused, Unreachable
from gateway.orders.done import KEPT_AFTER_US, MOST, DoneFile
from hil.simulation.disk import Disk
from hil.simulation.loop import Crash
from tests.support.waiting import until
from tests.unit.gateway.orders.made import HOUR_US, NOW_US, Box, command

UPDATE = {"device": "node-1", "version": 2, "digest": "0" * 64}


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


async def do(box: Box, one: Command) -> None:
    await box.commands.take(pack_command(one), box.birth)


async def refusal(box: Box, one: Command) -> str:
    with pytest.raises(OrderRefused) as refused:
        await do(box, one)
    return refused.value.why


async def test_it_is_done_and_its_result_told_with_its_id(box: Box) -> None:
    await do(box, command(1, "rebirth"))
    assert box.births == 1
    assert box.told == [{"id": f"{1:032x}", "name": "rebirth", "outcome": "done"}]


async def test_the_log_level_is_set_as_asked(box: Box) -> None:
    await do(box, command(1, "set-log-level", arguments={"level": "debug"}))
    assert (box.levels, box.outcomes) == (["debug"], ["done"])


async def test_the_box_says_in_its_log_which_it_is(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    await do(box, command(1, "identify"))
    assert "anna asks which box is ward-a" in caplog.text


async def test_the_same_again_is_counted_and_not_done(box: Box) -> None:
    for _ in range(3):
        await do(box, command(1, "rebirth"))
    await do(box, command(2, "rebirth"))
    assert (box.births, box.commands.repeated, len(box.told)) == (2, 2, 2)


async def test_the_next_start_remembers_what_was_done(box: Box, tmp_path: Path) -> None:
    await do(box, command(1, "rebirth"))
    again = Box(tmp_path)
    await do(again, command(1, "rebirth"))
    await again.commands.tell_interrupted()
    assert (again.births, again.told) == (0, [])


@pytest.mark.parametrize(
    ("name", "arguments"), [("explode", {}), ("set-log-level", {"level": "loud"}), ("identify", {"x": 1})]
)
async def test_what_it_does_not_know_is_refused_with_a_reason(
    box: Box, name: str, arguments: dict[str, str | int]
) -> None:
    await do(box, command(1, name, arguments=arguments))
    assert box.outcomes == ["refused"]
    assert "expected" in str(box.told[0]["why"])


async def test_another_gateways_is_not_done(box: Box) -> None:
    assert await refusal(box, command(1, "rebirth", gateway="ward-b")) == "other-gateway"
    assert (box.births, box.told) == (0, [])


async def test_an_expired_one_is_not_done(box: Box) -> None:
    box.clock.utc = NOW_US + HOUR_US
    await do(box, command(1, "rebirth"))
    box.clock.utc += 1
    assert await refusal(box, command(2, "rebirth")) == "expired"
    assert box.births == 1


async def test_without_a_clock_it_does_what_changes_nothing_and_refuses_the_rest(box: Box) -> None:
    box.clock.utc = None
    await do(box, command(1, "rebirth", expires_us=0))
    await do(box, command(2, "set-log-level", arguments={"level": "debug"}))
    assert (box.births, box.levels, box.outcomes) == (1, [], ["done", "refused"])
    assert "does not know the time" in str(box.told[1]["why"])


async def test_without_a_clock_it_still_does_each_once(box: Box) -> None:
    box.clock.utc = None
    for _ in range(2):
        await do(box, command(1, "rebirth"))
    assert box.births == 1


async def test_an_id_is_remembered_for_a_week_after_its_end_lest_the_clock_goes_back(box: Box) -> None:
    await do(box, command(1, "rebirth"))
    box.clock.utc = NOW_US + HOUR_US + KEPT_AFTER_US - 1
    await do(box, command(2, "rebirth", expires_us=box.clock.utc + 1))
    box.clock.utc = NOW_US
    await do(box, command(1, "rebirth"))
    assert (box.births, box.commands.repeated) == (2, 1)


def full(box: Box, expires_us: int) -> None:
    """It remembers as much as it can, all with the same end."""
    held = {f"{number:032x}": ["identify", expires_us, True] for number in range(MOST)}
    box.path.parent.mkdir()
    box.path.write_text(json.dumps(held))


async def test_while_nothing_that_it_remembers_has_expired_there_is_an_end_to_it(
    box: Box, tmp_path: Path
) -> None:
    full(box, NOW_US)
    box = Box(tmp_path)
    await do(box, command(MOST, "rebirth"))
    box.clock.utc = None
    await do(box, command(MOST + 1, "rebirth"))
    assert (box.births, box.outcomes) == (0, ["refused", "refused"])


async def test_what_has_expired_makes_room_when_there_is_none(box: Box, tmp_path: Path) -> None:
    full(box, NOW_US - 1)
    box = Box(tmp_path)
    for number in (MOST, MOST + 1):
        await do(box, command(number, "rebirth"))
    assert box.births == 2
    assert len(json.loads(box.path.read_text())) == MOST


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"zz": ["identify", 1, true]}', b'{"00": 7}'])
async def test_without_its_memory_it_does_nothing_that_it_might_have_done(
    box: Box, tmp_path: Path, damage: bytes
) -> None:
    await do(box, command(1, "rebirth"))
    box.path.write_bytes(damage)
    again = Box(tmp_path)
    await do(again, command(1, "rebirth"))
    assert (again.births, again.outcomes) == (0, ["refused"])
    assert box.path.read_bytes() == damage


async def test_what_fails_on_the_way_is_told_as_that(box: Box) -> None:
    async def unreachable() -> None:
        raise Unreachable("the broker is gone")

    await box.commands.take(pack_command(command(1, "rebirth")), unreachable)
    assert box.told[0]["outcome"] == "failed"
    assert box.told[0]["why"] == "the broker is gone"


async def test_a_result_that_the_journal_did_not_take_is_told_by_the_next_start(
    box: Box, tmp_path: Path
) -> None:
    box.journal_fails = True
    with pytest.raises(NotKept):
        await do(box, command(1, "rebirth"))
    again = Box(tmp_path)
    await again.commands.tell_interrupted()
    await do(again, command(1, "rebirth"))
    assert (again.births, again.outcomes) == (0, ["interrupted"])
    assert Box(tmp_path).commands.done.load() == []


# Commands that take their time: what else comes does not wait for them.


def searching(box: Box) -> asyncio.Event:
    """The box knows how to search; it is done when the event is set."""
    done = asyncio.Event()

    async def search(_: Mapping[str, str | int]) -> None:
        await done.wait()

    box.commands.slow = {"discover": search}
    return done


async def test_a_slow_one_is_done_beside_the_others_and_told_when_it_is_done(box: Box) -> None:
    done = searching(box)
    await do(box, command(1, "discover", arguments={"seconds": 8}))
    await do(box, command(2, "rebirth"))
    assert box.told == [{"id": f"{2:032x}", "name": "rebirth", "outcome": "done"}]
    done.set()
    await until(lambda: len(box.told) == 2, "it is told")
    assert box.told[1] == {"id": f"{1:032x}", "name": "discover", "outcome": "done"}


async def test_a_slow_one_that_fails_says_why(box: Box) -> None:
    async def search(_: Mapping[str, str | int]) -> None:
        raise LinkError("no-adapter", "is it plugged in?")

    box.commands.slow = {"discover": search}
    await do(box, command(1, "discover", arguments={"seconds": 8}))
    await until(lambda: box.told, "it is told")
    assert (box.told[0]["outcome"], box.told[0]["why"]) == ("failed", "is it plugged in?")


async def test_a_slow_one_that_refuses_has_changed_nothing_and_says_why(box: Box) -> None:
    async def update(_: Mapping[str, str | int]) -> None:
        raise OrderRefused("refused-board", "it is not made for this node's board")

    box.commands.slow = {"update-node": update}
    await do(box, command(1, "update-node", arguments=UPDATE))
    await until(lambda: box.told, "it is told")
    assert (box.told[0]["outcome"], box.told[0]["why"]) == ("refused", "it is not made for this node's board")


async def test_an_update_that_the_end_interrupts_says_that_it_goes_on_when_asked_again(
    box: Box, tmp_path: Path
) -> None:
    searching(box)
    box.commands.slow = {"update-node": box.commands.slow["discover"]}
    await do(box, command(1, "update-node", arguments=UPDATE))
    box.commands.end()
    await until(lambda: not box.commands._under_way, "it ended")
    again = Box(tmp_path)
    await again.commands.tell_interrupted()
    assert "ask once more, and the node goes on where it was" in str(again.told[0]["why"])


async def test_a_slow_one_that_the_end_interrupts_is_told_by_the_next_start(box: Box, tmp_path: Path) -> None:
    searching(box)
    await do(box, command(1, "discover", arguments={"seconds": 8}))
    box.commands.end()
    await until(lambda: not box.commands._under_way, "it ended")
    again = Box(tmp_path)
    await again.commands.tell_interrupted()
    assert (box.told, again.outcomes) == ([], ["interrupted"])


async def test_bytes_that_are_no_command_are_a_wire_error(box: Box) -> None:
    with pytest.raises(WireError):
        await box.commands.take(b"\xa0", box.birth)


# Killed, or without power, at every step: never done twice, and never forgotten once begun.


def steps(folder: Path) -> list[tuple[str, int]]:
    disk = laid_out(folder)
    with disk.in_use():
        begin(folder, 2)
        disk.close_all()
    return [(point, nth + 1) for point, count in disk.passed.items() for nth in range(count)]


def laid_out(folder: Path) -> Disk:
    folder.mkdir()
    disk = Disk(folder, random.Random(7), lambda: 0)
    with disk.in_use():
        begin(folder, 1)
    disk.passed.clear()
    return disk


def begin(folder: Path, number: int) -> None:
    file = DoneFile(folder / "orders" / "done.json")
    file.load()
    file.begin(command(number), NOW_US)


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power-cut"])
def test_ended_at_any_step_what_was_begun_is_known(tmp_path: Path, power: bool) -> None:
    found = set[bool]()
    for number, (point, nth) in enumerate(steps(tmp_path / "all")):
        for when in ("before", "after"):
            folder = tmp_path / f"{number}-{when}"
            disk, is_begun = laid_out(folder), False
            with disk.in_use():
                disk.aim(point, nth, when)
                with suppress(Crash):
                    begin(folder, 2)
                    is_begun = True
                disk.close_all()
                if power:
                    disk.power_cut()
            again = DoneFile(folder / "orders" / "done.json")
            again.load()
            assert command(1) in again
            assert command(2) in again or not is_begun
            found.add(command(2) in again)
    assert found == {True, False}


async def test_who_issued_a_command_is_told_to_whoever_does_it(box: Box) -> None:
    """It is signed; no argument says so, and gateways of before know none."""
    done = list[Mapping[str, str | int]]()

    async def acknowledge(arguments: Mapping[str, str | int]) -> None:
        done.append(arguments)

    box.commands.slow = {"acknowledge": acknowledge}
    await do(box, command(1, "acknowledge", arguments={"alarm": 7}))
    await until(lambda: box.outcomes, "it was done")
    assert done == [{"alarm": 7, "by": "anna"}]


def test_commands_that_come_at_once_are_all_remembered_and_none_is_refused(tmp_path: Path) -> None:
    done = DoneFile(tmp_path / "done.json")
    done.load()

    def one(number: int) -> None:
        asked = command(number)
        done.begin(asked, None)
        done.told(asked.id.hex())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(60)))
    again = DoneFile(tmp_path / "done.json")
    assert again.load() == []
    assert all(command(number) in again for number in range(60))
