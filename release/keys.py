"""The keys of the repository's roles (TUF 1.0.34, 2.1): Ed25519, a file each.

root        says whose keys count: three, of which two must sign, each in another safe
targets     says which releases there are: one, in a safe
snapshot    says which metadata belong together
timestamp   says what is newest, again and again: where the repository is kept
"""
# pyright: reportPrivateImportUsage=false

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner, SSlibKey

from release.errors import ReleaseError

NAMES = ("root-1", "root-2", "root-3", "targets", "snapshot", "timestamp")
ROOT_THRESHOLD = 2


@dataclass(frozen=True, slots=True)
class Keys:
    """Those in the folder `folder`, readable by its owner only."""

    folder: Path

    def make(self, *names: str) -> None:
        """Make those named, or all. Raises ReleaseError when one is there already, OSError."""
        wanted = names or NAMES
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if held := [name for name in wanted if self._path(name).exists()]:
            raise ReleaseError(f"{self.folder} has keys already ({', '.join(held)}): move them away first")
        for name in wanted:
            handle = os.open(self._path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(CryptoSigner.generate_ed25519().private_bytes)

    def signer(self, name: str) -> CryptoSigner:
        """That of `name`. Raises ReleaseError."""
        try:
            private = load_pem_private_key(self._path(name).read_bytes(), None)
        except OSError as error:
            hint = "bring it here, or make all of them with `./run release keys`"
            raise ReleaseError(f"{self._path(name)}: cannot be read ({error.strerror}): {hint}") from error
        except (ValueError, TypeError) as error:
            raise ReleaseError(f"{self._path(name)}: not a private key: {error}") from error
        return CryptoSigner(private, SSlibKey.from_crypto(private.public_key()))

    def signers(self, role: str) -> list[CryptoSigner]:
        """All that are here of `role`. Raises ReleaseError when they are too few to sign."""
        if role != "root":
            return [self.signer(role)]
        here = [name for name in NAMES if name.startswith("root-") and self._path(name).exists()]
        if len(here) < ROOT_THRESHOLD:
            raise ReleaseError(
                f"{self.folder}: expected {ROOT_THRESHOLD} of the root's keys, got {len(here)}"
            )
        return [self.signer(name) for name in here]

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.pem"
