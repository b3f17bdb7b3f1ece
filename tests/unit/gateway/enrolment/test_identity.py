"""The identity's folder: private, whole or not at all, and only what was pinned is trusted."""

import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.errors import IdentityError, NotEnrolled
from hil.simulation.disk import Disk
from hil.simulation.loop import Crash
from tests.unit.gateway.enrolment.made import EST, authority, identity, serial

OURS, OTHER = authority(), authority()


@pytest.fixture
def folder(tmp_path: Path) -> IdentityFolder:
    return IdentityFolder(tmp_path / "data" / "identity")


def test_what_was_kept_comes_back(folder: IdentityFolder) -> None:
    kept = identity(OURS)
    folder.install(kept)
    held = folder.load()
    assert (held.gateway, held.chain, held.roots) == ("ward-a", kept.chain, (OURS.root,))
    assert (held.est, held.key.private_numbers()) == (EST, kept.key.private_numbers())


def test_only_the_owner_can_read_it(folder: IdentityFolder) -> None:
    folder.waiting_key()
    folder.install(identity(OURS))
    folder.waiting_key()
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.path.iterdir()} == {0o600}
    (folder.path / "identity.pem").chmod(0o640)
    with pytest.raises(IdentityError, match=r"others can read it: .*chmod 600"):
        folder.load()


def test_without_one_it_says_what_to_do(folder: IdentityFolder) -> None:
    with pytest.raises(NotEnrolled, match="wardlink gateway enrol"):
        folder.load()


@pytest.mark.parametrize("name", ["root.pem", "identity.pem", "controller.json"])
@pytest.mark.parametrize("damage", [b"", b"\0" * 300, b"x" * 100_000, b"{}"])
def test_what_is_damaged_is_refused_in_words(folder: IdentityFolder, name: str, damage: bytes) -> None:
    folder.install(identity(OURS))
    path = folder.path / name
    path.write_bytes(damage)
    with pytest.raises(IdentityError, match="damaged"):
        folder.load()


def test_another_root_beside_it_is_noticed(folder: IdentityFolder, tmp_path: Path) -> None:
    folder.install(identity(OURS))
    other = IdentityFolder(tmp_path / "other")
    other.install(identity(OTHER))
    shutil.copy(other.path / "root.pem", folder.path)
    with pytest.raises(IdentityError, match="under the pinned root"):
        folder.load()


def test_the_key_that_waits_is_the_same_until_its_certificate_is_there(folder: IdentityFolder) -> None:
    first, again = folder.waiting_key(), folder.waiting_key()
    assert first.private_numbers() == again.private_numbers()
    folder.install(identity(OURS))
    assert folder.waiting_key().private_numbers() != first.private_numbers()


def test_a_key_that_waits_and_is_damaged_is_replaced(folder: IdentityFolder) -> None:
    folder.waiting_key()
    (folder.path / "waiting.pem").write_bytes(b"\0")
    assert folder.waiting_key().private_numbers() == folder.waiting_key().private_numbers()


def test_a_renewal_never_takes_the_key_in_use_again(folder: IdentityFolder) -> None:
    """A crash came between the new identity and the end of the waiting key."""
    folder.install(identity(OURS))
    (folder.path / "waiting.pem").write_bytes((folder.path / "identity.pem").read_bytes())
    (folder.path / "waiting.pem").chmod(0o600)
    assert folder.waiting_key().private_numbers() != folder.load().key.private_numbers()


def test_it_is_renewed_at_two_thirds_of_its_life_give_or_take_a_tenth() -> None:
    one, rng = identity(OURS), random.Random(1)
    life = one.ends_s - one.begins_s
    drawn = [one.renewal_after_s(rng) / life for _ in range(500)]
    assert all(0.6 <= part <= 0.734 for part in drawn)
    assert max(drawn) - min(drawn) > 0.12
    assert one.warn_at_s == pytest.approx(one.ends_s - life / 6)


# A crash or a power cut at every step.


def steps(folder: Path, held: Identity | None, new: Identity) -> list[tuple[str, int]]:
    """Every durability point on the way to `new`, with its number."""
    disk = laid_out(folder, held)
    with disk.in_use():
        take(folder, new)
        disk.close_all()
    return [(point, nth + 1) for point, count in disk.passed.items() for nth in range(count)]


def laid_out(folder: Path, held: Identity | None) -> Disk:
    folder.mkdir()
    disk = Disk(folder, random.Random(7), lambda: 0)
    if held is not None:
        with disk.in_use():
            take(folder, held)
        disk.passed.clear()
    return disk


def take(folder: Path, new: Identity) -> None:
    IdentityFolder(folder / "identity").waiting_key()
    IdentityFolder(folder / "identity").install(new)


def after(folder: Path) -> int | None:
    """The serial of the identity that is there, if one is; it must be whole."""
    for path in folder.rglob("*.pem"):
        path.chmod(0o600)  # the simulated disk keeps no modes
    try:
        return serial(IdentityFolder(folder / "identity").load().certificate)
    except NotEnrolled:
        return None


OLD, RENEWED, MOVED = identity(OURS), identity(OURS), identity(OTHER)


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power-cut"])
@pytest.mark.parametrize(
    ("held", "new", "allowed"),
    [
        (None, OLD, {None}),
        (OLD, RENEWED, {serial(OLD.certificate)}),
        (OLD, MOVED, {serial(OLD.certificate), None}),
    ],
    ids=["first", "renewed", "another-controller"],
)
def test_a_crash_at_any_step_leaves_the_old_one_or_the_new_one_whole(
    tmp_path: Path, held: Identity | None, new: Identity, allowed: set[int | None], power: bool
) -> None:
    found = set[int | None]()
    for number, (point, nth) in enumerate(steps(tmp_path / "all", held, new)):
        for when in ("before", "after"):
            folder = tmp_path / f"{number}-{when}"
            disk = laid_out(folder, held)
            with disk.in_use():
                disk.aim(point, nth, when)
                with suppress(Crash):  # none after the removal of a file that is not there
                    take(folder, new)
                assert not disk.is_aimed
                disk.close_all()
                if power:
                    disk.power_cut()
            found.add(after(folder))
            take(folder, new)
            assert after(folder) == serial(new.certificate)
    assert found == allowed | {serial(new.certificate)}


def test_a_full_disk_keeps_the_old_one(tmp_path: Path) -> None:
    disk = laid_out(tmp_path / "data", OLD)
    with disk.in_use():
        disk.full = True
        with pytest.raises(OSError, match="No space"):
            take(tmp_path / "data", RENEWED)
        disk.close_all()
    assert after(tmp_path / "data") == serial(OLD.certificate)
