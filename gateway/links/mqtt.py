"""A node of ours at the hospital's MQTT broker: its stream comes at one topic, and is answered at another.

    wardlink/node/NAME/out    the node's frames, one or more to a message or cut; empty: its connection broke
    wardlink/node/NAME/in     what it is answered

The file `credentials` (TOML, read at each connection, and by nobody else: mode 600) has `ca`, the broker's
authority, and `user` and `password`, or `certificate` and `key`; files in PEM, from the file's own folder.

`why` of DISCONNECTED: `unreachable`, `refused` (by the broker, or the broker is not that of `ca`),
`bad-credentials` (the file), `node-gone` (the broker says so), `silent`.
"""

import asyncio
import secrets
import ssl
import tomllib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from devices.model.observation import Instant
from devices.profiles import Profile, SerialLink
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.errors import LinkError, Refused, Unreachable
from gateway.links import Outlet
from gateway.links.backoff import Backoff
from gateway.links.conversation import Inbox, Voice, converse
from gateway.links.presence import Presence
from gateway.mqtt import Connection, connected
from host.secrets import read_by_others

_STREAM = "stream"
_KEYS = {"ca", "user", "password", "certificate", "key"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is shown to the broker, and what it has to show."""

    tls: ssl.SSLContext
    login: tuple[str, str] | None

    @classmethod
    def read(cls, path: Path) -> "Credentials":
        """Those in the file. Raises LinkError `bad-credentials`."""
        try:
            if read_by_others(path):
                raise ValueError("others can read it: chmod 600")
            told = tomllib.loads(path.read_text(encoding="utf-8"))
            texts = all(isinstance(one, str) for one in told.values())
            if not (texts and "ca" in told and told.keys() <= _KEYS):
                raise ValueError(f"expected texts under {', '.join(sorted(_KEYS))}, got {', '.join(told)}")
            return cls(_context(path.parent, told), _login(told))
        except (OSError, ValueError) as error:
            raise LinkError("bad-credentials", f"{path}: {error}") from error


def _login(told: dict[str, str]) -> tuple[str, str] | None:
    if ("user" in told) != ("password" in told):
        raise ValueError("expected user and password together")
    return (told["user"], told["password"]) if "user" in told else None


def _context(folder: Path, told: dict[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=folder / told["ca"])
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if "certificate" in told:
        context.load_cert_chain(folder / told["certificate"], folder / told["key"] if "key" in told else None)
    return context


@asynccontextmanager
async def at_broker(url: str, credentials: Path) -> AsyncIterator[Connection]:
    """A connection to a broker that has devices, not the controller's. Raises LinkError."""
    using = await asyncio.to_thread(Credentials.read, credentials)
    name = f"wardlink-{secrets.token_hex(8)}"
    try:
        async with connected(url, using.tls, client_id=name, login=using.login) as connection:
            yield connection
    except Refused as error:
        message = f"{url} refuses this gateway, or is not of the authority in {credentials}"
        raise LinkError("refused", message) from error
    except Unreachable as error:
        raise LinkError("unreachable", f"{url}: {error}") from error


async def until_one_ends(*parts: Coroutine[None, None, None]) -> None:
    """Run them side by side; the first that ends, ends the others. Raises what it raised."""
    tasks = [asyncio.create_task(one) for one in parts]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for one in ended:
            one.result()
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class MqttDeviceLink:
    """The link of one node at a broker. CONNECTED comes with its first bytes."""

    def __init__(
        self,
        device: DeviceConfig,
        profile: Profile,
        clock: Clock,
        outlet: Outlet,
        *,
        backoff: Backoff | None = None,
    ) -> None:
        if not (device.broker and device.node and device.credentials):
            raise ValueError(f"{device.id}: a link by MQTT needs broker, node and credentials")
        if not isinstance(profile.link, SerialLink):
            raise ValueError(f"{device.id}: {profile.name} does not come by MQTT")
        self._url, self._credentials = device.broker, device.credentials
        self._out, self._in = (f"wardlink/node/{device.node}/{way}" for way in ("out", "in"))
        self._settings = profile.link
        self._clock = clock
        self._outlet = outlet
        self._backoff = backoff or Backoff(0.5, 10.0)
        self._presence = Presence(clock, outlet)

    async def run(self) -> None:
        """See `Link`."""
        await self._presence.attend(self._attend, lambda _: self._backoff.failed())

    async def _attend(self) -> None:
        """One connection to the broker, until it breaks. Raises LinkError."""
        async with at_broker(self._url, self._credentials) as connection:
            await connection.subscribe(self._out)
            inbox = Inbox(self._clock)
            parts = self._read(connection, inbox), connection.watch(), self._converse(connection, inbox)
            await until_one_ends(*parts)

    async def _read(self, connection: Connection, inbox: Inbox) -> None:
        async for _, payload in connection.messages():
            if payload:
                inbox.put(_STREAM, payload)
            else:
                message = f"{self._url}: the broker lost the node: is it on, and in reach of its network?"
                self._presence.disconnected(LinkError("node-gone", message))

    async def _converse(self, connection: Connection, inbox: Inbox) -> None:
        """After each silence, and when the node is gone, the talk begins anew: fresh codec, greeting."""
        while True:
            codec = self._settings.codec_of(self._outlet.host)
            voices = {_STREAM: Voice(codec, lambda data: connection.publish(self._in, data))}
            silence_s = self._settings.silence_s
            await converse(voices, inbox, self._clock, self._outlet, silence_s=silence_s, heard=self._heard)
            message = f"{self._out}: nothing for {silence_s:g} s: is the node on, and `node` its name?"
            self._presence.disconnected(LinkError("silent", message))

    def _heard(self, at: Instant) -> None:
        self._backoff.reset()
        self._presence.connected(at)
