"""The file of the configuration that is in force: the signed message as it came, whole whatever ends the box.

file = ConfigurationFile("ward-a", data / "orders" / "configuration.cose")
settings = file.load()                # before anything starts
file.keep(data)                       # a newer one, verified
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from devices.errors import BadOrder, WireError
from devices.model.orders import Arguments
from devices.wire.cose import read_signed
from devices.wire.orders import Configuration, read_configuration
from gateway.enrolment import files
from gateway.errors import IdentityError, OrderRefused
from gateway.orders.settings import check

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ConfigurationFile:
    """At `path`, of the gateway named `gateway`. What is in it was verified when it came."""

    gateway: str
    path: Path
    payload: bytes = b""
    configuration: Configuration | None = None

    @property
    def settings(self) -> Arguments:
        """Those in force."""
        return {} if self.configuration is None else self.configuration.settings

    def load(self) -> Arguments:
        """The settings that an earlier start kept. What cannot be read counts as none: it is sent again."""
        try:
            data = files.read(self.path)
            if data is not None:
                self._take(data)
        except (IdentityError, WireError, BadOrder, OrderRefused) as error:
            log.error("%s: cannot be used, the gateway's own file counts: %s", self.path, error)
        return self.settings

    def keep(self, data: bytes) -> None:
        """Keep the signed message `data` in place of the one before. Raises OSError."""
        files.make_folder(self.path.parent)
        files.write_whole(self.path, data)
        self._take(data)

    def mine(self, payload: bytes) -> Configuration:
        """The configuration in `payload`. Raises WireError, OrderRefused when it is another gateway's."""
        configuration = read_configuration(payload)
        if configuration.gateway != self.gateway:
            raise OrderRefused("other-gateway", f"a configuration for {configuration.gateway}")
        return configuration

    def _take(self, data: bytes) -> None:
        payload = read_signed(data).payload
        configuration = self.mine(payload)
        check(configuration.settings)
        self.payload, self.configuration = payload, configuration
