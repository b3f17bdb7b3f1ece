"""The releases that are offered to this box: The Update Framework, specification 1.0.34, by python-tuf.

    releases = Releases(folder, mirror, "https://controller:8443/updates")
    releases.fetch(12, folder / "bundle.zip")

`root.json` in the folder, which came with the first installation, says whose signatures count. The framework
refuses older metadata than were seen (rollback), metadata past their end (freeze), parts that do not belong
together (mix-and-match), other keys, and more bytes than were signed. Beyond it: what was seen is on the disk
before anything is installed, so that a power cut forgets no version; and releases are numbered and only rise.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tuf.api.exceptions import DownloadError, DownloadLengthMismatchError, RepositoryError
from tuf.ngclient import Updater, UpdaterConfig

from gateway.errors import UpdateError
from gateway.updates.http import Mirror
from gateway.updates.launcher import sync_folder
from gateway.updates.release import target

_METADATA = "tuf"


@dataclass(frozen=True, slots=True)
class Releases:
    """Those that the mirror at the address `base` has."""

    folder: Path
    mirror: Mirror
    base: str

    def fetch(self, number: int, to: Path) -> None:
        """Release `number` for this platform, verified, in the file `to`. Raises UpdateError, OSError."""
        try:
            client = Updater(
                str(self.folder / _METADATA),
                f"{self.base}/metadata/",
                target_base_url=f"{self.base}/targets/",
                fetcher=self.mirror,
                config=UpdaterConfig(app_user_agent="wardlink"),
                bootstrap=(self.folder / "root.json").read_bytes(),
            )
            client.refresh()
            self._keep()
            found = client.get_targetinfo(target(number))
            if found is None:
                raise UpdateError("no-release", f"there is no {target(number)} in the repository")
            client.download_target(found, str(to))
        except (RepositoryError, DownloadLengthMismatchError) as error:
            self.mirror.forget()
            raise UpdateError("untrusted", f"{type(error).__name__}: {error}") from error
        except DownloadError as error:
            raise UpdateError("unreachable", str(error)) from error
        self.mirror.forget()

    def _keep(self) -> None:
        """The versions that were seen are on the disk: python-tuf leaves that to the system."""
        for path in (self.folder / _METADATA).rglob("*.json"):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        sync_folder(self.folder / _METADATA)
        sync_folder(self.folder / _METADATA / "root_history")
