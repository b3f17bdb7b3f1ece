"""Fetching a release, and every attack on it that The Update Framework names: python-tuf over real TLS.

Each test fetches from the honest repository, too: what is refused is the attack and nothing else.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Timestamp

from gateway.errors import UpdateError
from gateway.updates.http import Mirror
from gateway.updates.release import target
from gateway.updates.releases import Releases
from hil.faults.releases import repository, tiny
from release.repository import LIVES, Repository
from tests.support.shelf import BrokenOff, Shelf, endless, instead

DAY_S = 86_400.0


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """Releases 1 and 2, published one after the other."""
    made = repository(tmp_path)
    for number in (1, 2):
        made.publish([tiny(tmp_path, number)])
    return made


@pytest.fixture
def shelf(repo: Repository, tmp_path: Path) -> Iterator[Shelf]:
    with Shelf(repo.folder, tmp_path / "ca") as served:
        yield served


@pytest.fixture
def box(repo: Repository, tmp_path: Path) -> Path:
    """A box that trusts the root of the repository and has seen nothing."""
    folder = tmp_path / "box"
    folder.mkdir()
    shutil.copyfile(repo.root(), folder / "root.json")
    return folder


def fetch(box: Path, shelf: Shelf, number: int = 2) -> bytes:
    """The bundle, as a box gets it."""
    to = box / "bundle.zip"
    Releases(box, Mirror(shelf.tls(), box), shelf.address).fetch(number, to)
    return to.read_bytes()


def refusal(box: Path, shelf: Shelf, number: int = 2) -> tuple[str, str]:
    with pytest.raises(UpdateError) as refused:
        fetch(box, shelf, number)
    assert not (box / "bundle.zip").exists()
    return refused.value.why, str(refused.value)


def bundle_in(repo: Repository, number: int) -> tuple[str, bytes]:
    """Its path at the server, and its content."""
    (path,) = repo.targets.glob(f"*.{target(number)}")
    return f"/targets/{path.name}", path.read_bytes()


def as_it_was(repo: Repository, tmp_path: Path) -> Callable[[], None]:
    """Takes a copy, and gives what puts it back: an attacker has kept what was once served."""
    kept = shutil.copytree(repo.metadata, tmp_path / "kept")

    def back() -> None:
        shutil.rmtree(repo.metadata)
        shutil.copytree(kept, repo.metadata)

    return back


def sign(repo: Repository, name: str, signed: Root | Snapshot | Timestamp, *keys: CryptoSigner) -> None:
    metadata = Metadata(signed)
    for key in keys:
        metadata.sign(key, append=True)
    metadata.to_file(str(repo.metadata / name))


def soon() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC).replace(microsecond=0) + timedelta(days=1)


def test_a_release_is_fetched_and_what_was_seen_is_kept(repo: Repository, shelf: Shelf, box: Path) -> None:
    assert fetch(box, shelf) == bundle_in(repo, 2)[1]
    assert Metadata.from_file(str(box / "tuf" / "timestamp.json")).signed.version == 2
    assert not list(box.glob("*.part"))


def test_a_release_that_is_not_there_is_said_to_be_missing(shelf: Shelf, box: Path) -> None:
    assert refusal(box, shelf, number=9)[0] == "no-release"


def test_a_mirror_that_is_not_the_controllers_is_told_nothing(
    shelf: Shelf, box: Path, tmp_path: Path
) -> None:
    with Shelf(shelf.folder, tmp_path / "other-ca") as other:
        releases = Releases(box, Mirror(shelf.tls(), box), other.address)
        with pytest.raises(UpdateError, match="CERTIFICATE_VERIFY_FAILED") as refused:
            releases.fetch(2, box / "bundle.zip")
        assert (refused.value.why, other.heard) == ("unreachable", [])
    assert fetch(box, shelf)


def test_rollback_of_all_metadata_is_refused(
    repo: Repository, shelf: Shelf, box: Path, tmp_path: Path
) -> None:
    back = as_it_was(repo, tmp_path)
    repo.publish([tiny(tmp_path, 3)])
    fetch(box, shelf, 3)
    (box / "bundle.zip").unlink()
    back()
    why, text = refusal(box, shelf)
    assert (why, "BadVersionNumberError" in text) == ("untrusted", True)


def test_rollback_of_the_targets_by_stolen_online_keys_is_refused(
    repo: Repository, shelf: Shelf, box: Path
) -> None:
    fetch(box, shelf)
    (box / "bundle.zip").unlink()
    snapshot = Snapshot(9, expires=soon(), meta={"targets.json": MetaFile(1)})
    sign(repo, "9.snapshot.json", snapshot, repo.keys.signer("snapshot"))
    sign(repo, "timestamp.json", Timestamp(9, None, soon(), MetaFile(9)), repo.keys.signer("timestamp"))
    why, text = refusal(box, shelf)
    assert (why, "BadVersionNumberError" in text) == ("untrusted", True)


def test_news_that_are_past_their_end_are_refused(tmp_path: Path, shelf: Shelf, box: Path) -> None:
    """Freeze: somebody shows the same again and again, so that a box never hears of what mends it."""
    assert fetch(box, shelf)
    (box / "bundle.zip").unlink()
    then = time.time() - LIVES["timestamp"].total_seconds() - DAY_S
    frozen = repository(tmp_path / "frozen", lambda: then)
    frozen.publish([tiny(tmp_path / "frozen", 2)])
    shutil.copyfile(frozen.root(), box / "root.json")
    shutil.rmtree(box / "tuf")
    shelf.folder = frozen.folder
    why, text = refusal(box, shelf)
    assert (why, "ExpiredMetadataError" in text) == ("untrusted", True)
    Repository(frozen.folder, frozen.keys, time.time()).refresh()
    assert fetch(box, shelf)


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_parts_of_two_publications_do_not_go_together(
    repo: Repository, shelf: Shelf, box: Path, role: str
) -> None:
    """Mix-and-match: both files are signed by the right key."""
    newest, older = repo.metadata / f"2.{role}.json", repo.metadata / f"1.{role}.json"
    shelf.lies[f"/metadata/{newest.name}"] = instead(older.read_bytes())
    why, text = refusal(box, shelf)
    assert (why, "BadVersionNumberError" in text) == ("untrusted", True)
    shelf.lies.clear()
    assert fetch(box, shelf)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_another_key_than_the_roles_is_refused(repo: Repository, shelf: Shelf, box: Path, role: str) -> None:
    name = "timestamp.json" if role == "timestamp" else f"2.{role}.json"
    true = (repo.metadata / name).read_bytes()
    forged = Metadata.from_bytes(true)
    forged.sign(CryptoSigner.generate_ed25519())
    shelf.lies[f"/metadata/{name}"] = instead(forged.to_bytes())
    why, text = refusal(box, shelf)
    assert (why, "UnsignedMetadataError" in text) == ("untrusted", True)
    shelf.lies.clear()
    assert fetch(box, shelf)


def test_a_new_root_is_followed_when_enough_of_the_old_ones_keys_signed_it(
    repo: Repository, shelf: Shelf, box: Path
) -> None:
    fetch(box, shelf)
    repo.renew_root()
    assert fetch(box, shelf)
    assert (box / "tuf" / "root_history" / "2.root.json").exists()


@pytest.mark.parametrize("signers", [("root-1",), ("targets", "snapshot"), ()])
def test_a_new_root_that_too_few_of_the_old_ones_keys_signed_is_refused(
    repo: Repository, shelf: Shelf, box: Path, signers: tuple[str, ...]
) -> None:
    root = Metadata[Root].from_file(str(repo.root())).signed
    root.version = 2
    sign(repo, "2.root.json", root, *map(repo.keys.signer, signers))
    why, text = refusal(box, shelf)
    assert (why, "UnsignedMetadataError" in text) == ("untrusted", True)
    (repo.metadata / "2.root.json").unlink()
    assert fetch(box, shelf)


def test_a_stolen_key_counts_no_more_when_the_root_has_named_another(
    repo: Repository, shelf: Shelf, box: Path
) -> None:
    fetch(box, shelf)
    (box / "bundle.zip").unlink()
    stolen = repo.keys.signer("timestamp")
    (repo.keys.folder / "timestamp.pem").unlink()
    repo.keys.make("timestamp")
    repo.renew_root()
    honest = (repo.metadata / "timestamp.json").read_bytes()
    forged = Metadata.from_bytes(honest)
    forged.sign(stolen)
    shelf.lies["/metadata/timestamp.json"] = instead(forged.to_bytes())
    why, text = refusal(box, shelf)
    assert (why, "UnsignedMetadataError" in text) == ("untrusted", True)
    shelf.lies.clear()
    assert fetch(box, shelf)


def test_another_repository_is_refused_whole(shelf: Shelf, box: Path, tmp_path: Path) -> None:
    other = repository(tmp_path / "other")
    other.publish([tiny(tmp_path / "other", 2)])
    honest, shelf.folder = shelf.folder, other.folder
    assert refusal(box, shelf)[0] == "untrusted"
    shelf.folder = honest
    assert fetch(box, shelf)


@pytest.mark.parametrize("name", ["timestamp.json", "2.snapshot.json", "2.targets.json", "2.root.json"])
def test_endless_metadata_are_broken_off(shelf: Shelf, box: Path, name: str) -> None:
    shelf.lies[f"/metadata/{name}"] = endless
    why, text = refusal(box, shelf)
    assert (why, "DownloadLengthMismatchError" in text) == ("untrusted", True)
    assert 0 < shelf.sent[f"/metadata/{name}"] < 20_000_000
    shelf.lies.clear()
    assert fetch(box, shelf)


def test_an_endless_bundle_is_broken_off(repo: Repository, shelf: Shelf, box: Path) -> None:
    path, true = bundle_in(repo, 2)
    shelf.lies[path] = endless
    assert refusal(box, shelf)[0] == "untrusted"
    assert shelf.sent[path] < len(true) + 20_000_000
    shelf.lies.clear()
    assert fetch(box, shelf) == true


def test_a_changed_bundle_is_refused(repo: Repository, shelf: Shelf, box: Path) -> None:
    path, true = bundle_in(repo, 2)
    shelf.lies[path] = instead(true[:-1] + bytes([true[-1] ^ 1]))
    why, text = refusal(box, shelf)
    assert (why, "LengthOrHashMismatchError" in text) == ("untrusted", True)
    shelf.lies.clear()
    assert fetch(box, shelf) == true


def test_what_was_broken_off_is_not_fetched_again(repo: Repository, shelf: Shelf, box: Path) -> None:
    path, true = bundle_in(repo, 2)
    shelf.lies[path] = BrokenOff(100)
    assert refusal(box, shelf)[0] == "unreachable"
    del shelf.lies[path]
    assert fetch(box, shelf) == true
    assert [asked for where, asked in shelf.heard if where == path] == ["", "bytes=100-"]
    assert shelf.sent[path] == len(true)


def test_a_broken_off_part_that_is_not_the_bundles_is_thrown_away(
    repo: Repository, shelf: Shelf, box: Path
) -> None:
    path, true = bundle_in(repo, 2)
    (box / f"{Path(path).name}.part").write_bytes(b"x" * 50)
    assert refusal(box, shelf)[0] == "untrusted"
    assert fetch(box, shelf) == true


def test_metadata_that_a_power_cut_emptied_are_fetched_again(shelf: Shelf, box: Path) -> None:
    fetch(box, shelf)
    for path in (box / "tuf").glob("*.json"):
        path.write_bytes(b"")
    assert fetch(box, shelf)
