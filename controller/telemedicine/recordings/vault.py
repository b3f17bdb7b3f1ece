"""The files of recordings, and their keys: both sealed, apart from each other.

vault = Vault(data / "recordings", Sealing(data / "keys" / "recordings.key"))
sealed = vault.new_key("RC00000001")            # for the database
vault.put("RC00000001", 1, box)                 # on the disk when it returns
"""

import base64
import secrets
import shutil
from pathlib import Path

from controller.errors import Conflict, SealBroken, StoreError
from controller.files import write_private
from controller.security.sealing import KEY_BYTES, Sealing
from controller.telemedicine.recordings.model import Recording


class Vault:
    """Methods that touch files raise StoreError, and are for another thread."""

    def __init__(self, folder: Path, sealing: Sealing) -> None:
        self.folder = folder
        self._sealing = sealing

    def new_key(self, number: str) -> str:
        """For this recording alone, sealed. Raises ConfigError."""
        key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")
        return self._sealing.seal(key, f"recording/{number}")

    def key(self, recording: Recording) -> bytes:
        """Raises Conflict: it was destroyed, or the key that it is sealed by is not there."""
        if recording.key is None:
            raise Conflict(f"recording {recording.number} was erased: nothing opens it any more")
        try:
            return base64.b64decode(self._sealing.unseal(recording.key, f"recording/{recording.number}"))
        except SealBroken:
            raise Conflict(
                f"the key of recording {recording.number} was not sealed by the one in {self._sealing.path}: "
                "put that file back from the backup"
            ) from None

    def put(self, number: str, n: int, box: bytes) -> None:
        """Durable when this returns."""
        try:
            write_private(self._path(number, n), box)
        except OSError as error:
            raise StoreError(f"{self.folder}: a chunk cannot be kept: {error}") from error

    def get(self, number: str, n: int) -> bytes | None:
        """None: there is no such file."""
        try:
            return self._path(number, n).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.folder}: a chunk cannot be read: {error}") from error

    def drop(self, number: str) -> None:
        """All files of a recording, if there are any."""
        try:
            if (self.folder / number).exists():
                shutil.rmtree(self.folder / number)
        except OSError as error:
            raise StoreError(f"{self.folder}: {number} cannot be removed: {error}") from error

    def numbers(self) -> list[str]:
        """Recordings of which there are files."""
        return sorted(one.name for one in self.folder.iterdir()) if self.folder.exists() else []

    def _path(self, number: str, n: int) -> Path:
        return self.folder / number / f"{n:06d}.box"
