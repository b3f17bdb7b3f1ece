"""The hospital's side as targets: a gateway and a controller, real processes of the product."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import signal

import attr
from labgrid import target_factory
from labgrid.driver import Driver
from labgrid.step import step

from hil.rig.drivers.network import NetworkFaultDriver
from hil.rig.drivers.protocols import FreezeProtocol, folder_of
from hil.rig.drivers.radio import RadioDriver
from hil.rig.ledger import Ledger
from hil.rig.process import Process
from hil.rig.site import Site, until


@target_factory.reg_driver
@attr.s(eq=False)
class SiteDriver(Driver):
    """Configurations, a claim and a registry: one gateway with a node, and what else the rig has for it."""

    bindings = {"network": {NetworkFaultDriver, None}, "radio": {RadioDriver, None}}  # noqa: RUF012

    network: NetworkFaultDriver | None
    radio: RadioDriver | None

    def on_activate(self) -> None:
        """Begin, as labgrid calls it."""
        radio = (self.radio.strap, self.radio.hci) if self.radio else None
        self.site = Site(folder_of(self), wan=self.network is not None, radio=radio)
        self.site.prepare()


class _ProcessDriver(Driver, FreezeProtocol):
    """A process of the product."""

    bindings = {"place": SiteDriver}  # noqa: RUF012
    place: SiteDriver
    process: Process

    def on_deactivate(self) -> None:
        """End, as labgrid calls it."""
        self.process.stop()

    @Driver.check_active
    @step()
    def start(self) -> None:
        """Begin, unless it runs."""
        self.process.start()

    @Driver.check_active
    @step()
    def stop(self) -> None:
        """Ask it to end."""
        self.process.stop()

    @Driver.check_active
    @step()
    def kill(self) -> str:
        """`kill -9`. How it is known, in words; "" if it is not."""
        pid, status = self.process.pid, self.process.kill()
        return f"process {pid} ended with status {status}" if status == -signal.SIGKILL else ""

    @Driver.check_active
    @step()
    def freeze(self) -> str:
        """See `FreezeProtocol`."""
        return f"the kernel says that {self.process.pid} is stopped" if self.process.freeze() else ""

    @Driver.check_active
    @step()
    def thaw(self) -> None:
        """See `FreezeProtocol`."""
        self.process.thaw()


@target_factory.reg_driver
@attr.s(eq=False)
class ControllerDriver(_ProcessDriver):
    """The controller, and what it has in its ledger."""

    def on_activate(self) -> None:
        """Begin, as labgrid calls it."""
        self.process = self.place.site.controller()

    @property
    def ledger(self) -> Ledger:
        """What it has of the node."""
        return self.place.site.ledger

    @Driver.check_active
    @step()
    def wait_up(self) -> None:
        """Until it listens. Raises NotReady."""
        until(f"the controller is up:\n{self.process.last_lines()}", self.place.site.is_up)

    @Driver.check_active
    @step()
    def start(self) -> None:
        """Begin, unless it runs, and wait until it listens. Raises NotReady."""
        self.place.site.forget_addresses()
        self.process.start()
        self.wait_up()


@target_factory.reg_driver
@attr.s(eq=False)
class GatewayDriver(_ProcessDriver):
    """The gateway at whose port the node is."""

    def on_activate(self) -> None:
        """Begin, as labgrid calls it."""
        self.process = self.place.site.gateway()
