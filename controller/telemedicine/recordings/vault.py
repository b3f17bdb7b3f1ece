"""The files of recordings, and their keys: both sealed, apart from each other.

vault = Vault(Folder(data / "recordings"), Sealing(data / "keys" / "recordings.key"))
sealed = vault.new_key("RC00000001")            # for the database
vault.put("RC00000001", 1, box)                 # there for good when it returns

In a folder a chunk is RC00000001/000001.box, in a bucket RC00000001/000001.SHA256.box: there a put that was
given up may come to be later, and must not take the place of what was kept since.
"""

import base64
import secrets
from collections.abc import Collection

from controller.errors import Conflict, SealBroken
from controller.objects.errors import NoObject
from controller.objects.model import Objects
from controller.security.sealing import KEY_BYTES, Sealing
from controller.telemedicine.recordings.model import Chunk, Recording
from controller.telemedicine.recordings.seal import digest


class Vault:
    """Methods that touch files raise StoreError, and are for another thread."""

    def __init__(self, objects: Objects, sealing: Sealing) -> None:
        self.objects = objects
        self._sealing = sealing
        self._dropped: set[str] = set()

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
        self.objects.put(self.name(number, n, digest(box)), box)

    def get(self, number: str, chunk: Chunk) -> bytes | None:
        """None: there is no such file."""
        try:
            return self.objects.get(self.name(number, chunk.n, chunk.digest))
        except NoObject:
            return None

    def drop(self, number: str) -> None:
        """All files of a recording, if there are any."""
        self.objects.delete(f"{number}/")
        self._dropped.add(number)

    def left(self, numbers: Collection[str]) -> list[str]:
        """Those of which there may be files yet. A bucket is asked once for each, not every few seconds."""
        there = self.objects.groups()
        return sorted(set(numbers) - self._dropped if there is None else there.intersection(numbers))

    def name(self, number: str, n: int, sha256: bytes) -> str:
        """The key of a chunk."""
        return f"{number}/{n:06d}.box" if self.objects.is_local else f"{number}/{n:06d}.{sha256.hex()}.box"
