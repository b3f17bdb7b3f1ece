"""A place in the bucket of an S3 endpoint: part of the configuration, and of what children are told."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from controller.errors import ConfigError

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
KEY_ID, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
"""Variables of the environment, as every client of S3 has them."""


class Reached(BaseModel):
    """How an endpoint is reached, and as whom. A secret is in a file or the environment, never in here."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    endpoint: Annotated[str, Field(pattern=r"^https?://[^/?#]+/?$")]
    """Its URL; http only on this machine."""
    region: str = "us-east-1"
    key_id: str = ""
    """"": as the environment says."""
    secret_file: Annotated[Path | None, Field(strict=False)] = None
    """Holds the secret access key; its owner's alone (mode 0600). None: the environment has it."""
    ca_file: Annotated[Path | None, Field(strict=False)] = None
    """Authorities whose certificates are trusted beside the system's, PEM."""
    encryption: Literal["AES256", "aws:kms"] | None = None
    """What the endpoint is asked to encrypt by; None: as the bucket is set."""
    kms_key: str | None = None

    @model_validator(mode="after")
    def _nobody_listens(self) -> Self:
        parts = urlsplit(self.endpoint)
        if parts.scheme == "http" and parts.hostname not in LOCAL:
            raise ValueError("expected https://: by http anybody on the way reads pictures of patients")
        if self.kms_key is not None and self.encryption != "aws:kms":
            raise ValueError('expected encryption = "aws:kms" with kms_key')
        return self

    def based(self, folder: Path) -> Self:
        """With paths that are relative to `folder` made whole."""
        paths = {"secret_file": self.secret_file, "ca_file": self.ca_file}
        return self.model_copy(update={name: path and folder / path for name, path in paths.items()})

    def credentials(self) -> tuple[str, str]:
        """Key id and secret. Raises ConfigError."""
        key_id = self.key_id or os.environ.get(KEY_ID, "")
        secret = os.environ.get(SECRET, "") if self.secret_file is None else _read(self.secret_file)
        if not key_id or not secret:
            raise ConfigError(
                f"{self.endpoint}: expected key_id and secret_file in the configuration, or {KEY_ID} and "
                f"{SECRET} in the environment"
            )
        return key_id, secret

    def trusted(self) -> str | None:
        """The text of `ca_file`. Raises ConfigError."""
        return None if self.ca_file is None else _read(self.ca_file)


class Access(Reached):
    """A place: bucket and prefix. Names of objects begin with the prefix and a slash."""

    bucket: Annotated[str, Field(min_length=1)]
    prefix: str = ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
