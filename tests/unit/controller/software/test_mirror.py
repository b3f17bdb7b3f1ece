"""Taking over a repository of releases: what a gateway would refuse is not offered, and changes nothing."""

import time
from pathlib import Path

import pytest

from controller.errors import SoftwareError
from controller.software.mirror import Mirror, Offered
from gateway.updates.release import platform
from hil.faults.releases import repository, tiny
from release.repository import LIVES, Repository

DAY_S = 86_400.0


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = repository(tmp_path)
    made.publish([tiny(tmp_path, 1)])
    return made


@pytest.fixture
def mirror(repo: Repository, tmp_path: Path) -> Mirror:
    """With release 1."""
    made = Mirror(tmp_path / "software")
    made.take(repo.folder, repo.root())
    return made


def files(mirror: Mirror) -> dict[str, bytes]:
    """All that gateways may fetch."""
    return {
        path.name: path.read_bytes()
        for kind in ("metadata", "targets")
        for path in (mirror.folder / kind).iterdir()
    }


def numbers(offered: list[Offered]) -> list[int]:
    return [one.number for one in offered]


def test_what_was_published_is_offered_as_it_is(repo: Repository, mirror: Mirror) -> None:
    (bundle,) = repo.targets.iterdir()
    assert mirror.offered() == [Offered(1, platform(), bundle.stat().st_size)]
    assert files(mirror)[bundle.name] == bundle.read_bytes()
    assert files(mirror)["timestamp.json"] == (repo.metadata / "timestamp.json").read_bytes()


def test_a_mirror_that_took_over_nothing_offers_nothing(tmp_path: Path) -> None:
    assert Mirror(tmp_path / "none").offered() == []


def test_news_are_taken_over_with_the_root_of_the_first_time(
    repo: Repository, mirror: Mirror, tmp_path: Path
) -> None:
    repo.publish([tiny(tmp_path, 2), tiny(tmp_path, 10)])
    assert numbers(mirror.take(repo.folder, None)) == [1, 2, 10]


def test_a_new_root_signed_by_the_old_one_is_followed(
    repo: Repository, mirror: Mirror, tmp_path: Path
) -> None:
    repo.renew_root()
    repo.publish([tiny(tmp_path, 2)])
    assert numbers(mirror.take(repo.folder, None)) == [1, 2]
    assert "2.root.json" in files(mirror)


def test_the_first_time_it_has_to_be_said_whom_to_trust(repo: Repository, tmp_path: Path) -> None:
    with pytest.raises(SoftwareError, match="--root"):
        Mirror(tmp_path / "software").take(repo.folder, None)


def test_another_root_is_not_trusted_later(repo: Repository, mirror: Mirror, tmp_path: Path) -> None:
    other = repository(tmp_path / "other")
    other.publish([tiny(tmp_path / "other", 7)])
    with pytest.raises(SoftwareError, match="trusted already"):
        mirror.take(other.folder, other.root())
    with pytest.raises(SoftwareError, match="UnsignedMetadataError"):
        mirror.take(other.folder, None)
    assert numbers(mirror.offered()) == [1]


def spoil(repo: Repository, how: str) -> None:
    (bundle,) = repo.targets.glob("*-2-*")
    match how:
        case "changed":
            bundle.write_bytes(bundle.read_bytes()[:-1] + b"x")
        case "missing":
            bundle.unlink()
        case "no metadata":
            (repo.metadata / "2.targets.json").unlink()
        case "out of date":
            Repository(
                repo.folder, repo.keys, time.time() - LIVES["timestamp"].total_seconds() - DAY_S
            ).refresh()


@pytest.mark.parametrize("how", ["changed", "missing", "no metadata", "out of date"])
def test_a_bad_copy_changes_nothing_of_what_is_offered(
    repo: Repository, mirror: Mirror, tmp_path: Path, how: str
) -> None:
    before = files(mirror)
    repo.publish([tiny(tmp_path, 2)])
    spoil(repo, how)
    with pytest.raises(SoftwareError, match="nothing was taken over"):
        mirror.take(repo.folder, None)
    assert files(mirror) == before
    assert numbers(mirror.offered()) == [1]


def test_a_folder_that_is_no_repository_is_said_to_be_none(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SoftwareError, match="not a whole repository"):
        mirror.take(tmp_path / "empty", None)


def test_an_older_copy_than_the_one_that_was_taken_over_is_refused(
    repo: Repository, mirror: Mirror, tmp_path: Path
) -> None:
    older = (repo.metadata / "timestamp.json").read_bytes()
    repo.publish([tiny(tmp_path, 2)])
    mirror.take(repo.folder, None)
    (repo.metadata / "timestamp.json").write_bytes(older)
    with pytest.raises(SoftwareError, match="BadVersionNumberError"):
        mirror.take(repo.folder, None)
    assert numbers(mirror.offered()) == [1, 2]
