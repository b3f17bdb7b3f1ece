"""What the trail does beside the API: publishes its heads every minute, and sends itself to a receiver.

service = AuditService(config, store, clock, authority, send)      # `send(line)`: the head, to gateways
make_app(…, published=service.published)
await service.run()
"""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

from controller.audit.checkup import Published
from controller.audit.forward import Forwarder, Receiver
from controller.audit.heads import Reader, signing_keys
from controller.audit.publish import FILE, Publisher
from controller.clock import Clock
from controller.config import Config
from controller.errors import ConfigError
from controller.identity.authority import Authority, PublicKey
from controller.sections import AuditSection
from controller.shards.duty import Part
from controller.store import Store


class AuditService:
    """The publisher, and the forwarder if the configuration names a receiver. Raises ConfigError."""

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock,
        authority: Authority,
        send: Callable[[str], object],
    ) -> None:
        folder = heads_folder(config)
        self._publisher = Publisher(store, clock, authority, folder, send)
        self.only: Callable[[Part], Part] = lambda part: part
        """What has to be done by one controller of several (controller/shards/duty.py)."""
        self._forwarder: Forwarder | None = None
        if (receiver := _receiver(config.audit)) is not None:
            self._forwarder = Forwarder(store, receiver, config.controller.id)
        self.published = published(folder, lambda: signing_keys(authority))

    async def run(self) -> None:
        """Until cancelled, or until one of them fails."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._publisher.run())
            if self._forwarder is not None:
                group.create_task(self._kept_forwarding(self._forwarder))

    async def _kept_forwarding(self, forwarder: Forwarder) -> None:
        await self.only(forwarder.run)()


def heads_folder(config: Config) -> Path:
    """Where heads are published."""
    return config.audit.heads or config.data / "audit"


def published(folder: Path, keys: Callable[[], list[PublicKey]]) -> Published:
    """The heads in `folder`, believed if one of `keys`, asked for at each verification, signed them."""
    return Published((folder / FILE,), lambda: Reader(keys()))


def _receiver(section: AuditSection) -> Receiver | None:
    if section.syslog is None:
        return None
    host, _, port = section.syslog.rpartition(":")
    try:
        trusts = ssl.create_default_context(cafile=section.syslog_ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"audit.syslog_ca: {section.syslog_ca}: expected certificates in PEM: {error}"
        ) from None
    return Receiver(host.strip("[]"), int(port), trusts)
