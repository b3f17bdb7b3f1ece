"""Who this gateway is to an API: the keys that each section of its configuration has for one."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _https_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("expected https://HOST, https://HOST:PORT or one with a path")
    return text.rstrip("/")


HttpsAddress = Annotated[str, AfterValidator(_https_address)]


class ApiAccess(BaseModel):
    """The client `client_id` gets tokens at `token_url` by the secret in `secret_file`.

    That file may be readable by its owner only. `ca`: judge the servers' certificates by these roots instead
    of the system's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    token_url: HttpsAddress
    client_id: Annotated[str, Field(min_length=1)]
    secret_file: Annotated[Path, Field(strict=False)]
    ca: Annotated[Path | None, Field(strict=False)] = None

    def placed(self, folder: Path) -> Self:
        """The same with its paths starting at `folder`."""
        ca = None if self.ca is None else folder / self.ca
        return self.model_copy(update={"secret_file": folder / self.secret_file, "ca": ca})
