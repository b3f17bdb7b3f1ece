"""Pins and RAM of an emulated micro:bit, while it runs."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import attr
from labgrid import target_factory
from labgrid.driver import Driver
from labgrid.step import step

from hil.rig.drivers.nodes import MicrobitDriver


@target_factory.reg_driver
@attr.s(eq=False)
class QTestDriver(Driver):
    """Of the micro:bit that it is bound to."""

    bindings = {"node": MicrobitDriver}  # noqa: RUF012 - as labgrid wants it
    node: MicrobitDriver

    @Driver.check_active
    @step(args=["pin", "level"])
    def set_pin(self, pin: int, level: int) -> None:
        """Drive an input from outside."""
        self.node.qtest.set_pin(pin, level)

    @Driver.check_active
    def read(self, at: int, size: int) -> bytes:
        """Memory."""
        return self.node.qtest.read(at, size)

    @Driver.check_active
    @step(args=["bit"])
    def flip(self, bit: int) -> str:
        """Turn over a bit of the driven value (0 to 15) in RAM. How it is known; "" if it is not."""
        at = self.node.box() + bit // 8
        (before,) = self.read(at, 1)
        self.node.qtest.write(at, bytes((before ^ 1 << bit % 8,)))
        (after,) = self.read(at, 1)
        return f"RAM at {at:#x} was {before:#04x} and is {after:#04x}" if after != before else ""
