"""Secrets that must be read again, kept in the database sealed: a copy of it alone opens none of them.

sealing = Sealing(data / "keys" / "second-factor.key")
kept = sealing.seal("JBSWY3DP…", "user/anna")
sealing.unseal(kept, "user/anna")     # for whom it was sealed, and for nobody else

AES-256-GCM (NIST SP 800-38D) with a random nonce for each; whose it is, is associated data, so that nobody
who can write the database gives one person's secret to another.
"""

import base64
import hmac
import re
import secrets
import stat
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from controller.errors import ConfigError, SealBroken
from controller.files import write_private

MARK = "aes256gcm:"
"""What is sealed begins with it; no secret in base 32 does."""
SECOND_FACTORS = "keys/second-factor.key"
"""The file of the key that second factors are sealed by, in the folder of the controller's data."""
KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY = re.compile(r"[0-9a-f]{64}\n?", re.ASCII)


class Sealing:
    """Seals by the key in the file `path`, 64 hexadecimal digits, which is made when there is none."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def seal(self, secret: str, whose: str) -> str:
        """`secret` as it may be kept. Raises ConfigError."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self.cipher.encrypt(nonce, secret.encode(), whose.encode())
        return MARK + base64.b64encode(sealed).decode("ascii")

    def unseal(self, kept: str, whose: str) -> str:
        """The secret. Raises ConfigError, and SealBroken: another key, another person, or damage."""
        try:
            sealed = base64.b64decode(kept.removeprefix(MARK), validate=True)
            if MARK + base64.b64encode(sealed).decode("ascii") != kept:
                raise ValueError("expected the one spelling of base 64: its last character has bits to spare")
            nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return self.cipher.decrypt(nonce, text, whose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(
                f"what is kept for {whose} was not sealed by the key in {self.path}: put that file back from "
                "the backup, or have an administrator reset the second factor"
            ) from error

    def digest(self, secret: str, purpose: str) -> bytes:
        """HMAC-SHA-256 (RFC 2104) of a secret that is only ever compared. Raises ConfigError."""
        return hmac.digest(self.key, f"{purpose}/{secret}".encode(), "sha256")

    @cached_property
    def cipher(self) -> AESGCM:
        """Made of the key. Raises ConfigError."""
        return AESGCM(self.key)

    @cached_property
    def key(self) -> bytes:
        """Of the file. Raises ConfigError: it cannot be read, is none, or others may read it."""
        try:
            if not self.path.exists():
                write_private(self.path, secrets.token_hex(KEY_BYTES) + "\n")
            mode, text = self.path.stat().st_mode, self.path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.path}: the key cannot be read ({error}): {self._remedy}") from None
        if stat.S_IMODE(mode) & 0o077:
            raise ConfigError(
                f"{self.path}: expected mode 0600, got {stat.S_IMODE(mode):04o}: chmod 600 {self.path}"
            )
        if not _KEY.fullmatch(text):
            raise ConfigError(f"{self.path}: expected a key of 64 hexadecimal digits: {self._remedy}")
        return bytes.fromhex(text.strip())

    @property
    def _remedy(self) -> str:
        return "put it back from the backup; if it is lost, delete it, and reset the second factors"


def is_sealed(kept: str) -> bool:
    """Whether it was sealed, or is an older row in the clear."""
    return kept.startswith(MARK)
