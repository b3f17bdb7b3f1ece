"""`[partners]` of the configuration: how this site shows itself to partner sites, and where they reach it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from controller.sections import ListenSection

_ADDRESS = r"^(\[[0-9a-f:]+\]|[^\s:@/]{1,253}):[1-9][0-9]{0,4}$"


class PartnersSection(ListenSection):
    """See docs/partners.md."""

    site: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    """As partners call it for ever."""
    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]
    """As people there read it."""
    address: Annotated[str, Field(pattern=r"^(\[[0-9a-f:]+\]|[^\s:@/]{1,253}):[1-9][0-9]{0,4}$")] | None = (
        None
    )
    """HOST:PORT of this listener as partners reach it; without: host and port."""

    keep_days: Annotated[int, Field(ge=7, le=3650)] = 90
    """The content of what partners have taken is kept so long."""

    @property
    def reached(self) -> str:
        """HOST:PORT."""
        return self.address or f"{self.host}:{self.port}"

    @property
    def hosts(self) -> tuple[str, str]:
        """What its certificate has to name."""
        return self.host, self.reached.rpartition(":")[0].strip("[]")

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.is_anywhere and self.address is None:
            raise ValueError("expected address with a host that is every address: how do partners reach it?")
        return self
