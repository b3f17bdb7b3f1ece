"""A serial device: its port opened as the profile says, read until it vanishes, opened again when it is back.

`why` of DISCONNECTED: `port-missing`, `permission-denied`, `port-busy`, `port-unusable` (it could not be
opened), `silent` (open, and nothing comes), `port-vanished`, `output-stalled` (it was open, and broke).
"""

import asyncio
import errno
import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import serial

from devices.model.observation import Instant
from devices.profiles import Profile, SerialLink
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.errors import LinkError
from gateway.links import Outlet
from gateway.links.backoff import Backoff
from gateway.links.conversation import Inbox, Voice, converse
from gateway.links.presence import Presence

_PORT = "port"
_PSEUDO = "/dev/pts/"
_READ_BYTES = 4096
_MOST_UNSENT_BYTES = 4096

_MISSING = "port-missing", "plug the device in, or correct `port` in the configuration"
_DENIED = "permission-denied", "add the gateway's user to the group that owns the port (often dialout)"
_BUSY = "port-busy", "another program has it open: stop that one (`fuser` with the port's path names it)"
_UNUSABLE = "port-unusable", "expected a serial port: correct `port` in the configuration"
_REFUSALS = {
    errno.ENOENT: _MISSING,
    errno.ENODEV: _MISSING,
    errno.ENXIO: _MISSING,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EBUSY: _BUSY,
    errno.EAGAIN: _BUSY,  # flock(2): another process holds the lock
}


class SerialLinkRunner:
    """The link of one serial device. CONNECTED comes with its first bytes: an open port proves nothing."""

    def __init__(
        self,
        device: DeviceConfig,
        profile: Profile,
        clock: Clock,
        outlet: Outlet,
        *,
        backoff: Backoff | None = None,
    ) -> None:
        if not isinstance(profile.link, SerialLink) or device.port is None:
            raise ValueError(f"{device.id}: a serial link needs a serial profile and a port")
        self._path = device.port
        self._settings = profile.link
        self._clock = clock
        self._outlet = outlet
        self._backoff = backoff or Backoff(0.5, 5.0)
        self._presence = Presence(clock, outlet)

    async def run(self) -> None:
        """See `Link`."""
        await self._presence.attend(self._attend, lambda _: self._backoff.failed())

    async def _attend(self) -> None:
        """Listen while the port lives. After each silence the talk begins anew: fresh codec, greeting."""
        inbox = Inbox(self._clock)
        with _open_port(self._path, self._settings, inbox) as port:
            while True:
                voices = {_PORT: Voice(self._settings.codec_of(self._outlet.host), port.send)}
                await converse(
                    voices,
                    inbox,
                    self._clock,
                    self._outlet,
                    silence_s=self._settings.silence_s,
                    heard=self._heard,
                )
                self._presence.disconnected(self._silence())

    def _heard(self, at: Instant) -> None:
        self._backoff.reset()
        self._presence.connected(at)

    def _silence(self) -> LinkError:
        seconds = f"{self._settings.silence_s:g} s"
        return LinkError("silent", f"{self._path}: no byte for {seconds}: is the device on, its cable whole?")


async def listen_once(path: str, settings: SerialLink, clock: Clock, outlet: Outlet, seconds: float) -> None:
    """Talk for `seconds` over the port `path`. Raises LinkError when it cannot be used, or ends."""
    inbox = Inbox(clock)
    with _open_port(path, settings, inbox) as port, suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await converse({_PORT: Voice(settings.codec_of(outlet.host), port.send)}, inbox, clock, outlet)


class _Port:
    """An open port; what arrives goes to `inbox`, and so does its end."""

    def __init__(self, path: str, settings: SerialLink, inbox: Inbox) -> None:
        self._path = path
        self._inbox = inbox
        self._loop = asyncio.get_running_loop()
        self._serial = _opened(path, settings)
        self._fd = self._serial.fileno()
        self._unsent = b""
        self._loop.add_reader(self._fd, self._read)

    def close(self) -> None:
        """Close at once; bytes that the device never took would keep the kernel waiting for it."""
        self._stop_watching()
        with _ignored_when_gone():
            termios.tcflush(self._fd, termios.TCOFLUSH)
        with _ignored_when_gone():
            self._serial.close()

    async def send(self, data: bytes) -> None:
        """Send `data` as the device takes it, without waiting."""
        self._unsent += data
        self._write()
        if len(self._unsent) > _MOST_UNSENT_BYTES:
            message = f"{self._path}: {len(self._unsent)} bytes wait: does the device hold its flow control?"
            raise LinkError("output-stalled", message)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._vanish(str(error))
            return
        if data:
            self._inbox.put(_PORT, data)
        else:
            self._vanish("hang-up")

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self._fd, self._unsent) :]
        except BlockingIOError:
            self._loop.add_writer(self._fd, self._write)
            return
        except OSError as error:
            self._vanish(str(error))
            return
        if self._unsent:
            self._loop.add_writer(self._fd, self._write)
        else:
            self._loop.remove_writer(self._fd)

    def _vanish(self, how: str) -> None:
        self._stop_watching()
        self._inbox.end(LinkError("port-vanished", f"{self._path} vanished ({how}): is it plugged in?"))

    def _stop_watching(self) -> None:
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)


@contextmanager
def _open_port(path: str, settings: SerialLink, inbox: Inbox) -> Iterator[_Port]:
    port = _Port(path, settings, inbox)
    try:
        yield port
    finally:
        port.close()


@contextmanager
def _ignored_when_gone() -> Iterator[None]:
    """A port that is gone refuses everything, its closing too."""
    try:
        yield
    except (OSError, termios.error):
        return


def _opened(path: str, settings: SerialLink) -> serial.Serial:
    """The port, locked against other programs. Raises LinkError."""
    form = (settings.bytesize, settings.parity, settings.stopbits)
    # A pseudo-terminal (socat, a simulator) has no line, and refuses parity the second time it is asked.
    if os.path.realpath(path).startswith(_PSEUDO):
        form = (8, "N", 1)
    try:
        return serial.Serial(path, settings.baudrate, *form, timeout=0, exclusive=True)
    except (OSError, termios.error) as error:
        why, remedy = _REFUSALS.get(getattr(error, "errno", None) or 0, _UNUSABLE)
        raise LinkError(why, f"{path}: {error}: {remedy}") from error
