"""The mirror of a repository of releases, in the controller's data folder.

    mirror = Mirror(data / "software")
    mirror.take(Path("/media/stick/repository"), root=None)     # the root's word is kept from the first time

    root.json   whose signatures count here: given once, by the maintainer of the releases
    seen/       the newest metadata that was verified
    metadata/, targets/   what gateways fetch

What is taken over was verified as a gateway verifies it, so that an engineer hears of a bad copy, and no box
does. Each box verifies again by itself: it need not trust this mirror.
"""
# pyright: reportPrivateImportUsage=false

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.ngclient import FetcherInterface, Updater

from controller.errors import SoftwareError
from controller.software.offered import Offered, offered

_PIECE = 1 << 20


class _Files(FetcherInterface):
    """Fetches from the folder of a repository: `file://` addresses."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = Path(unquote(urlsplit(url).path))
        if not path.is_file():
            raise DownloadHTTPError(f"{path}: there is no such file", 404)
        return self._pieces(path)

    def _pieces(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


@dataclass(frozen=True, slots=True)
class Mirror:
    """In `folder`. Methods raise SoftwareError, and OSError where the disk refuses."""

    folder: Path

    def take(self, source: Path, root: Path | None) -> list[Offered]:
        """Take over the repository in `source`. `root`: whose releases are taken, the first time."""
        self._trust(root)
        try:
            with tempfile.TemporaryDirectory() as downloads:
                targets = self._verified(source, Path(downloads))
        except RepositoryError as error:
            raise SoftwareError(
                f"{source}: {type(error).__name__}: {error}: nothing was taken over"
            ) from error
        except DownloadError as error:
            raise SoftwareError(
                f"{source}: not a whole repository: {error}: nothing was taken over"
            ) from error
        self._copy(source, targets)
        return self.offered()

    def offered(self) -> list[Offered]:
        """What gateways may fetch, the oldest release first."""
        return offered(self.folder)

    @property
    def _seen(self) -> Path:
        return self.folder / "seen"

    @property
    def _root(self) -> Path:
        return self.folder / "root.json"

    def _trust(self, root: Path | None) -> None:
        if self._root.exists():
            if root is not None and root.read_bytes() != self._root.read_bytes():
                raise SoftwareError(
                    f"{self._root} is trusted already, and {root} is another: newer ones come by themselves, "
                    "signed by those before; to trust other people, move the folder away"
                )
        elif root is None:
            raise SoftwareError("whose releases are to be trusted? Give --root, the first time")
        else:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(root, self._root)

    def _verified(self, source: Path, downloads: Path) -> dict[str, TargetFile]:
        """All targets, each of them checked. Raises RepositoryError, DownloadError."""
        base = source.resolve().as_uri()
        seen, bootstrap = self._seen, self._root.read_bytes()
        client = Updater(
            str(seen),
            f"{base}/metadata/",
            target_base_url=f"{base}/targets/",
            fetcher=_Files(),
            bootstrap=bootstrap,
        )
        client.refresh()
        targets = Metadata[Targets].from_file(str(seen / "targets.json")).signed.targets
        for target in targets.values():
            client.download_target(target, str(downloads / "target"))
        return targets

    def _copy(self, source: Path, targets: dict[str, TargetFile]) -> None:
        """Bundles first, the timestamp, which leads to all of them, last."""
        for name in ("targets", "metadata"):
            (self.folder / name).mkdir(exist_ok=True)
        for name, target in targets.items():
            _take_over(source / "targets" / stored(name, target), self.folder / "targets")
        timestamp = source / "metadata" / "timestamp.json"
        for path in sorted((source / "metadata").glob("*.json")):
            if path.name != timestamp.name:
                _take_over(path, self.folder / "metadata")
        _take_over(timestamp, self.folder / "metadata")


def stored(name: str, target: TargetFile) -> str:
    """The file of a target in a repository with consistent snapshots (TUF 1.0.34, 6.2)."""
    return f"{target.hashes['sha256']}.{name}"


def _take_over(path: Path, folder: Path) -> None:
    new = folder / f".{path.name}.new"
    shutil.copyfile(path, new)
    new.rename(folder / path.name)
