"""The repository of releases: files that any web server can serve, signed by The Update Framework's roles.

    metadata/1.root.json, timestamp.json, N.snapshot.json, N.targets.json
    targets/<sha256>.wardlink-gateway-12-cpython-311-linux-x86_64.zip

Each publication is signed whole before a reader can see it: the timestamp is written last.
"""
# pyright: reportPrivateImportUsage=false

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from release.errors import ReleaseError
from release.keys import NAMES, ROOT_THRESHOLD, Keys

T = TypeVar("T", Root, Timestamp, Snapshot, Targets)

LIVES = {
    "root": timedelta(days=730),
    "targets": timedelta(days=365),
    "snapshot": timedelta(days=365),
    "timestamp": timedelta(days=60),
}
"""How long each role's word is good. A hospital without the Internet takes over news by hand: two months."""


@dataclass(frozen=True, slots=True)
class Repository:
    """The one in `folder`, signed with `keys`. `now_s`: UTC, seconds since 1970. Methods raise ReleaseError,
    OSError."""

    folder: Path
    keys: Keys
    now_s: float

    @property
    def metadata(self) -> Path:
        """The folder of the signed files."""
        return self.folder / "metadata"

    @property
    def targets(self) -> Path:
        """The folder of the bundles."""
        return self.folder / "targets"

    def publish(self, bundles: Iterable[Path]) -> None:
        """Offer `bundles`, too. The first publication makes the repository."""
        if not (self.metadata / "1.root.json").exists():
            self._begin()
        targets = self._newest("targets", Targets())
        for bundle in bundles:
            offered = TargetFile.from_file(bundle.name, str(bundle))
            if bundle.name in targets.targets and targets.targets[bundle.name].hashes != offered.hashes:
                raise ReleaseError(f"{bundle.name} is published, and is another: give it another number")
            targets.targets[bundle.name] = offered
            shutil.copyfile(bundle, self.targets / f"{offered.hashes['sha256']}.{bundle.name}")
        self._sign("targets", targets)
        self._take_snapshot(targets.version)

    def refresh(self) -> None:
        """Nothing is new, and that is said again: the timestamp is good for another while."""
        timestamp = self._newest("timestamp", Timestamp())
        self._sign("timestamp", timestamp)

    def root(self) -> Path:
        """The newest of the root's words: what a box gets at its installation."""
        return self._path("root", self._version("root"))

    def renew_root(self) -> None:
        """The root's word once more, for another while and for the other roles' keys that are here now.

        A stolen key is replaced by that: put a new one in its file's place before. All is signed anew.
        """
        root = self._newest("root", Root())
        for role in ("targets", "snapshot", "timestamp"):
            for known in tuple(root.roles[role].keyids):
                root.revoke_key(known, role)
            root.add_key(self.keys.signer(role).public_key, role)
        self._sign("root", root)
        self.publish(())

    def _begin(self) -> None:
        self.metadata.mkdir(parents=True)
        self.targets.mkdir()
        root = Root(consistent_snapshot=True)
        for name in NAMES:
            root.add_key(self.keys.signer(name).public_key, name.partition("-")[0])
        root.roles["root"].threshold = ROOT_THRESHOLD
        self._sign("root", root)

    def _take_snapshot(self, targets: int) -> None:
        snapshot = self._newest("snapshot", Snapshot())
        snapshot.meta["targets.json"] = MetaFile(targets)
        self._sign("snapshot", snapshot)
        timestamp = self._newest("timestamp", Timestamp())
        timestamp.snapshot_meta = MetaFile(snapshot.version)
        self._sign("timestamp", timestamp)

    def _newest(self, role: str, first: T) -> T:
        version = self._version(role)
        return Metadata[T].from_file(str(self._path(role, version))).signed if version else first

    def _sign(self, role: str, signed: T) -> None:
        """Sign it as the next version of `role`, and write it."""
        signed.version = self._version(role) + 1
        signed.expires = datetime.fromtimestamp(self.now_s, UTC).replace(microsecond=0) + LIVES[role]
        metadata = Metadata(signed)
        for signer in self.keys.signers(role):
            metadata.sign(signer, append=True)
        path = self._path(role, signed.version)
        new = path.with_suffix(".new")
        metadata.to_file(str(new), JSONSerializer(compact=False))
        new.rename(path)

    def _version(self, role: str) -> int:
        """The newest that is there; 0 when there is none."""
        if role == "timestamp":
            path = self._path(role, 0)
            return Metadata[Timestamp].from_file(str(path)).signed.version if path.exists() else 0
        return max(
            (int(path.name.partition(".")[0]) for path in self.metadata.glob(f"*.{role}.json")), default=0
        )

    def _path(self, role: str, version: int) -> Path:
        return self.metadata / ("timestamp.json" if role == "timestamp" else f"{version}.{role}.json")
