"""The radio at which a rig's gateway listens: a virtual one with a sensor on it, or a dongle."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import sys

import attr
from labgrid import target_factory
from labgrid.driver import Driver
from labgrid.step import step

from controller.ports import free_port
from hil.prepare import quiet_port
from hil.rig.drivers.network import NetworkFaultDriver
from hil.rig.drivers.protocols import folder_of
from hil.rig.process import Process
from hil.rig.site import strap, until
from hil.sims.dials import BedDials, DialFile, Faults
from hil.ward import Folder, radio_address

VIRTUAL = "virtual"


@target_factory.reg_driver
@attr.s(eq=False)
class RadioDriver(Driver):
    """A chest strap on the air, and where the gateway plugs in.

    Args:
        transport (str): "virtual", or a dongle as bumble names it ("usb:0"); the strap is a real one then
        address (str): the strap's
    """

    bindings = {"network": {NetworkFaultDriver, None}}  # noqa: RUF012
    network: NetworkFaultDriver | None
    address: str = attr.ib(default=radio_address(1, 1), validator=attr.validators.instance_of(str))
    transport: str = attr.ib(default=VIRTUAL, validator=attr.validators.instance_of(str))

    def on_activate(self) -> None:
        """Begin, as labgrid calls it."""
        folder = Folder(folder_of(self))
        self.strap = strap(self.address)
        self._dials = DialFile(folder.dials(self.strap.bed))
        self.hci = self.transport
        self._process: Process | None = None
        if self.transport == VIRTUAL:
            folder.save([self.strap])
            port = free_port("127.0.0.1", quiet_port(), "the radio")
            self.hci = f"tcp-client:127.0.0.1:{port}"
            argv = [sys.executable, "-m", "hil.sims.ble_ward", str(folder.root)]
            argv += ["--listen", f"tcp-server:127.0.0.1:{port}"]
            self._process = Process("radio", argv, folder.log("radio"))
            self._process.start()

    def on_deactivate(self) -> None:
        """End, as labgrid calls it."""
        if self._process:
            self._process.stop()

    @Driver.check_active
    @step()
    def wait_up(self) -> None:
        """Until a gateway can plug in. Raises NotReady."""
        if self._process:
            until("the radio listens", lambda: "tcp-client" in self._said())

    @Driver.check_active
    @step()
    def lose(self) -> None:
        """Take the strap out of range, at once."""
        self._put(is_away=True)

    @Driver.check_active
    @step()
    def find(self) -> None:
        """Bring it back."""
        self._put(is_away=False)

    def _put(self, *, is_away: bool) -> None:
        if self._process:
            self._dials.write(BedDials(devices={self.strap.id: Faults(away=is_away)}))
        else:
            where = "where the radio does not reach" if is_away else "back"
            assert self.target is not None
            self.target.interact(f"Take the strap {where}, and press enter")

    def _said(self) -> str:
        return self._process.last_lines(3) if self._process else ""
