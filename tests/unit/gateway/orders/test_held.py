"""The configuration in force: the newest for this gateway, whole, whatever ends the box when."""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from devices.wire.orders import Configuration, pack_configuration
from gateway.errors import OrderRefused
from gateway.orders.kept import ConfigurationFile
from hil.simulation.disk import Disk
from hil.simulation.loop import Crash
from tests.unit.gateway.orders.made import Box, configuration, signer


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


async def take(box: Box, one: Configuration) -> None:
    await box.held.take(signer().configuration(one), pack_configuration(one))


async def refusal(box: Box, one: Configuration) -> str:
    with pytest.raises(OrderRefused) as refused:
        await take(box, one)
    return refused.value.why


async def test_a_newer_one_is_applied_and_told(box: Box) -> None:
    assert box.held.revision == 0
    await take(box, configuration(7, log_level="debug"))
    assert (box.applied, box.held.revision) == ([{"log-level": "debug"}], 7)
    assert box.told == [{"revision": 7, "outcome": "applied"}]


async def test_the_next_start_has_it_and_says_so(box: Box, tmp_path: Path) -> None:
    await take(box, configuration(7, log_level="debug"))
    again = Box(tmp_path)
    assert (again.file.settings, again.held.revision) == ({"log-level": "debug"}, 7)
    await again.held.tell_revision()
    assert again.told == [{"revision": 7, "outcome": "applied"}]


async def test_the_same_again_changes_nothing_and_is_no_alert(box: Box) -> None:
    """It is retained: every connection brings it, each time with another signature."""
    for _ in range(3):
        await take(box, configuration(7, log_level="debug"))
    assert (len(box.applied), len(box.told)) == (1, 1)


async def test_a_box_that_was_away_needs_only_the_last(box: Box) -> None:
    await take(box, configuration(1, dscp_wave=8, log_level="debug"))
    await take(box, configuration(900, dscp_wave=10))
    assert box.applied[-1] == {"dscp-wave": 10}
    assert box.file.settings == {"dscp-wave": 10}


async def test_an_older_one_is_refused_also_after_a_start(box: Box, tmp_path: Path) -> None:
    await take(box, configuration(7, log_level="debug"))
    assert await refusal(box, configuration(6)) == "older"
    assert await refusal(Box(tmp_path), configuration(6)) == "older"
    assert Box(tmp_path).held.revision == 7


async def test_other_settings_under_the_same_revision_are_refused(box: Box) -> None:
    await take(box, configuration(7, log_level="debug"))
    assert await refusal(box, configuration(7, log_level="error")) == "other-content"
    assert box.file.settings == {"log-level": "debug"}


async def test_another_gateways_is_refused(box: Box) -> None:
    assert await refusal(box, configuration(7, gateway="ward-b")) == "other-gateway"
    assert not box.file.path.exists()


async def test_settings_that_it_cannot_have_are_refused_whole_with_the_reason_once(box: Box) -> None:
    await take(box, configuration(7, log_level="debug"))
    for _ in range(2):
        await take(box, configuration(8, log_level="error", journal_quota_mb=1))
    assert box.held.revision == 7
    assert box.applied == [{"log-level": "debug"}]
    assert box.outcomes == ["applied", "refused"]
    assert box.told[1]["why"] == "journal-quota-mb: expected 16 to 1000000, got 1"


async def test_after_a_refused_one_the_next_is_taken(box: Box) -> None:
    await take(box, configuration(8, journal_quota_mb=1))
    await take(box, configuration(9, journal_quota_mb=100))
    assert box.held.revision == 9


async def test_a_disk_that_is_full_leaves_the_old_one_in_force(tmp_path: Path) -> None:
    disk = laid_out(tmp_path / "data")
    with disk.in_use():
        file = ConfigurationFile("ward-a", tmp_path / "data" / "orders" / "configuration.cose")
        file.load()
        disk.full = True
        with pytest.raises(OSError, match="No space"):
            file.keep(signer().configuration(NEW))
        disk.close_all()
    assert file.settings == OLD.settings
    assert after(tmp_path / "data") == OLD


@pytest.mark.parametrize("damage", [b"", b"\xff", b"\x80", b"x" * 70_000])
async def test_a_damaged_file_counts_as_none_and_the_next_message_mends_it(
    box: Box, tmp_path: Path, damage: bytes
) -> None:
    await take(box, configuration(7, log_level="debug"))
    box.file.path.write_bytes(damage)
    again = Box(tmp_path)
    assert (again.held.revision, again.file.settings) == (0, {})
    await take(again, configuration(7, log_level="debug"))
    assert Box(tmp_path).held.revision == 7


# Killed, or without power, at every step.

OLD, NEW = configuration(1, log_level="debug"), configuration(2, dscp_alert=46)


def laid_out(folder: Path) -> Disk:
    folder.mkdir()
    disk = Disk(folder, random.Random(7), lambda: 0)
    with disk.in_use():
        keep(folder, OLD)
    disk.passed.clear()
    return disk


def keep(folder: Path, one: Configuration) -> None:
    path = folder / "orders" / "configuration.cose"
    ConfigurationFile("ward-a", path).keep(signer().configuration(one))


def after(folder: Path) -> Configuration | None:
    file = ConfigurationFile("ward-a", folder / "orders" / "configuration.cose")
    file.load()
    return file.configuration


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power-cut"])
def test_ended_at_any_step_it_has_the_old_one_or_the_new_one_whole(tmp_path: Path, power: bool) -> None:
    whole = laid_out(tmp_path / "all")
    with whole.in_use():
        keep(tmp_path / "all", NEW)
        whole.close_all()
    found: list[Configuration | None] = []
    for number, (point, nth) in enumerate(
        (point, nth + 1) for point, count in whole.passed.items() for nth in range(count)
    ):
        for when in ("before", "after"):
            folder = tmp_path / f"{number}-{when}"
            disk = laid_out(folder)
            with disk.in_use():
                disk.aim(point, nth, when)
                with suppress(Crash):
                    keep(folder, NEW)
                disk.close_all()
                if power:
                    disk.power_cut()
            found.append(after(folder))
    assert {one.revision for one in found if one} == {1, 2}
    assert all(one in (OLD, NEW) for one in found)
