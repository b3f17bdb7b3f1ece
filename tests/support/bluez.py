"""A private system bus, with the real dbus-daemon, and on it as much of BlueZ as bonds need.

with private_bus(tmp_path) as address:
    async with StandInBluez(address) as bluez:
        path = bluez.device("C0:00:00:00:00:01", paired=True, bonded=True)
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Self

from dbus_fast import DBusError, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusSignature
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

ADAPTER = "/org/bluez/hci0"
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


@contextmanager
def private_bus(folder: Path) -> Iterator[str]:
    """The address of a bus of its own, inside the block."""
    socket, config = folder / "bus", folder / "bus.conf"
    config.write_text(_CONFIG.format(socket=socket))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        try:
            assert daemon.stdout
            assert daemon.stdout.readline(), "the bus did not start"
            yield f"unix:path={socket}"
        finally:
            daemon.terminate()


class OldDevice1(ServiceInterface):
    """org.bluez.Device1 as BlueZ before 5.66 has it."""

    def __init__(self, address: str, paired: bool) -> None:
        super().__init__("org.bluez.Device1")
        self._address, self._paired = address, paired

    @dbus_property(PropertyAccess.READ, "Address")
    def address(self) -> Annotated[str, DBusSignature("s")]:
        return self._address

    @dbus_property(PropertyAccess.READ, "Adapter")
    def adapter(self) -> Annotated[str, DBusSignature("o")]:
        return ADAPTER

    @dbus_property(PropertyAccess.READ, "Paired")
    def paired(self) -> Annotated[bool, DBusSignature("b")]:
        return self._paired


class Device1(OldDevice1):
    """org.bluez.Device1, which tells bonds, too."""

    def __init__(self, address: str, paired: bool, bonded: bool) -> None:
        super().__init__(address, paired)
        self._bonded = bonded

    @dbus_property(PropertyAccess.READ, "Bonded")
    def bonded(self) -> Annotated[bool, DBusSignature("b")]:
        return self._bonded


class Adapter1(ServiceInterface):
    """org.bluez.Adapter1: RemoveDevice."""

    def __init__(self, bluez: "StandInBluez") -> None:
        super().__init__("org.bluez.Adapter1")
        self._bluez = bluez

    @dbus_method("RemoveDevice")
    def remove_device(self, device: Annotated[str, DBusSignature("o")]) -> None:
        self._bluez.remove(device)


class StandInBluez:
    """Owns org.bluez on the bus at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.removed: list[str] = []
        self.devices: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.export(ADAPTER, Adapter1(self))
        await self._bus.request_name("org.bluez")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._bus.disconnect()

    def device(self, address: str, *, paired: bool = False, bonded: bool | None = False) -> str:
        """A device that this BlueZ knows; `bonded` None: an old one, which does not say. Returns its path."""
        path = f"{ADAPTER}/dev_{address.replace(':', '_')}"
        old = OldDevice1(address, paired)
        self.devices[path] = old if bonded is None else Device1(address, paired, bonded)
        self._bus.export(path, self.devices[path])
        return path

    def remove(self, path: str) -> None:
        """RemoveDevice was called."""
        if path not in self.devices:
            raise DBusError("org.bluez.Error.DoesNotExist", "Does Not Exist")
        self._bus.unexport(path)
        del self.devices[path]
        self.removed.append(path)
