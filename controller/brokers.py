"""What the controller needs of its message broker, whichever it is.

`Broker` (controller/broker.py) is a child process of the controller; `ExternalBroker`
(controller/external_broker.py) is the hospital's own, at `[mqtt] url`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class AnyBroker(Protocol):
    """Where it is, and who may do what there."""

    ca: Path
    """The authority's folder (controller/identity/files.py): what its clients trust and show."""
    host: str
    port: int
    own: bool
    """Whether it is started and ended by the controller, so that it is there whenever the controller is."""
    again_s: float
    """How long to wait before the next attempt to connect, in seconds."""

    @property
    def url(self) -> str:
        """Where clients connect, mqtts://HOST:PORT."""
        ...

    def prepare(self) -> None:
        """Whatever has to be done before `host` and `port` hold. Raises ControllerError."""
        ...

    def configure(self, controller: str, gateways: Mapping[str, str]) -> None:
        """Let exactly these in, soon: the controller, and gateways by the names in their certificates.

        Who is not among them any more is disconnected.
        """
        ...

    def reload(self) -> None:
        """The controller's certificates are new ones."""
        ...

    async def run(self) -> None:
        """Keep it working until cancelled."""
        ...
