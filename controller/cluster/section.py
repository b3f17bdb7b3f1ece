"""`[mqtt]`: where our own broker listens, where members are, or where the hospital's is."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from controller.sections import ListenSection

MOST = 7
"""Brokers: each gateway knows all addresses, also from a claim that has to fit into a QR code."""


def _broker_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "mqtts" or not parts.hostname or parts.path or parts.query or parts.username:
        raise ValueError("expected mqtts://HOST or mqtts://HOST:PORT")
    port = parts.port or 8883  # raises ValueError
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"mqtts://{host}:{port}"


def _each_once(urls: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(urls)) < len(urls):
        raise ValueError("expected every address once")
    return urls


def _listed(given: object) -> object:
    return given if isinstance(given, list) else [given]


Urls = Annotated[
    tuple[Annotated[str, AfterValidator(_broker_url)], ...],
    Field(strict=False, max_length=MOST),
    AfterValidator(_each_once),
]


class MqttSection(ListenSection):
    """`[mqtt]`: where our own broker listens, or `members`, which are ours on other hosts, or the hospital's
    own: `url`, one or a list."""

    url: Annotated[Urls, BeforeValidator(_listed)] = ()
    members: Urls = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.url and self.members:
            raise ValueError("expected url or members, got both: url is where the hospital's own broker is")
        if (self.url or self.members) and "host" in self.model_fields_set:
            raise ValueError("expected url or host, got both: host is where our own broker would listen")
        return self

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """The brokers that this controller does not run itself."""
        return self.url or self.members
