"""Keys and signed metadata as their maintainer makes them; what readers refuse is tested at the readers."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from typer.testing import CliRunner

from hil.faults.releases import tiny
from release.cli import app
from release.errors import ReleaseError
from release.keys import NAMES, Keys
from release.repository import LIVES, Repository

NOW_S = 1_790_000_000.0


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    made = Keys(tmp_path / "keys")
    made.make()
    return made


@pytest.fixture
def repo(tmp_path: Path, keys: Keys) -> Repository:
    made = Repository(tmp_path / "repository", keys, NOW_S)
    made.publish([tiny(tmp_path, 1)])
    return made


def versions(repo: Repository) -> dict[str, int]:
    """Of timestamp, snapshot and targets, each as the one before it says."""
    timestamp = Metadata[Timestamp].from_file(str(repo.metadata / "timestamp.json")).signed
    number = timestamp.snapshot_meta.version
    snapshot = Metadata[Snapshot].from_file(str(repo.metadata / f"{number}.snapshot.json")).signed
    return {
        "timestamp": timestamp.version,
        "snapshot": number,
        "targets": snapshot.meta["targets.json"].version,
    }


def test_only_their_owner_can_read_the_keys(keys: Keys) -> None:
    assert sorted(path.stem for path in keys.folder.iterdir()) == sorted(NAMES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.folder.iterdir()} == {0o600}
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700


def test_keys_are_never_overwritten(keys: Keys) -> None:
    before = (keys.folder / "targets.pem").read_bytes()
    with pytest.raises(ReleaseError, match="has keys already"):
        keys.make()
    assert (keys.folder / "targets.pem").read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"not a key"])
def test_a_key_that_cannot_be_read_is_named(keys: Keys, damage: bytes) -> None:
    (keys.folder / "targets.pem").write_bytes(damage)
    with pytest.raises(ReleaseError, match=r"targets\.pem"):
        keys.signer("targets")


def test_two_of_the_roots_three_keys_are_enough_and_one_is_not(keys: Keys) -> None:
    (keys.folder / "root-2.pem").unlink()
    assert len(keys.signers("root")) == 2
    (keys.folder / "root-1.pem").unlink()
    with pytest.raises(ReleaseError, match="expected 2 of the root's keys, got 1"):
        keys.signers("root")


def test_publishing_needs_no_key_of_the_root_after_the_first_time(
    repo: Repository, keys: Keys, tmp_path: Path
) -> None:
    for name in ("root-1", "root-2", "root-3"):
        (keys.folder / f"{name}.pem").unlink()
    repo.publish([tiny(tmp_path, 2)])
    assert versions(repo) == {"timestamp": 2, "snapshot": 2, "targets": 2}


def test_saying_that_nothing_is_new_needs_the_timestamps_key_only(repo: Repository, keys: Keys) -> None:
    for name in NAMES:
        if name != "timestamp":
            (keys.folder / f"{name}.pem").unlink()
    repo.refresh()
    assert versions(repo) == {"timestamp": 2, "snapshot": 1, "targets": 1}


def test_the_root_trusts_each_role_to_its_own_keys(repo: Repository, keys: Keys) -> None:
    root = Metadata[Root].from_file(str(repo.root())).signed
    assert (root.roles["root"].threshold, len(root.roles["root"].keyids)) == (2, 3)
    for role in ("targets", "snapshot", "timestamp"):
        assert list(root.roles[role].keyids) == [keys.signer(role).public_key.keyid]


def test_each_role_s_word_ends(repo: Repository) -> None:
    ends = {
        "root": Metadata[Root].from_file(str(repo.root())).signed.expires,
        "targets": Metadata[Targets].from_file(str(repo.metadata / "1.targets.json")).signed.expires,
        "timestamp": Metadata[Timestamp].from_file(str(repo.metadata / "timestamp.json")).signed.expires,
    }
    assert ends == {role: datetime.fromtimestamp(NOW_S, UTC) + LIVES[role] for role in ends}


def test_the_roots_word_is_renewed_by_two_of_its_keys_with_everything_below(
    repo: Repository, keys: Keys
) -> None:
    (keys.folder / "root-3.pem").unlink()
    old = keys.signer("snapshot").public_key.keyid
    (keys.folder / "snapshot.pem").unlink()
    keys.make("snapshot")
    repo.renew_root()
    root = Metadata[Root].from_file(str(repo.root())).signed
    assert root.version == 2
    assert old not in root.keys
    assert list(root.roles["snapshot"].keyids) == [keys.signer("snapshot").public_key.keyid]
    assert versions(repo) == {"timestamp": 2, "snapshot": 2, "targets": 2}


def test_a_number_is_not_published_twice_for_two_contents(repo: Repository, tmp_path: Path) -> None:
    same, other = tiny(tmp_path / "again", 1), tiny(tmp_path / "other", 1, files=3)
    repo.publish([same])
    with pytest.raises(ReleaseError, match="give it another number"):
        repo.publish([other])


def test_the_commands_make_keys_and_publish(tmp_path: Path) -> None:
    def run(*words: object) -> str:
        done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        return done.output

    keys, repo, bundle = tmp_path / "keys", tmp_path / "repo", tiny(tmp_path, 1)
    run("keys", keys)
    assert "1.root.json" in run("publish", bundle, "--keys", keys, "--to", repo)
    run("refresh", "--keys", keys, "--to", repo)
    assert versions(Repository(repo, Keys(keys), NOW_S))["timestamp"] == 2
    assert "2.root.json" in run("root", "--keys", keys, "--to", repo)
