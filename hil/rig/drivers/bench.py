"""A bench: a real board at a real port, its power at a relay, its sensor at a DAC. Not run yet on any."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import fcntl
import os
import time

import attr
import serial
from labgrid import target_factory
from labgrid.driver import Driver, SerialDriver
from labgrid.protocol import PowerProtocol
from labgrid.resource import Resource
from labgrid.step import step

from hil.rig.drivers.protocols import NodeProtocol, SensorProtocol

_I2C_SLAVE = 0x0703
_MOST = 4095
_DISCHARGE_S = 1.0


class _Wire:
    """pyserial without waiting; a port that vanished gives nothing until it is back."""

    def __init__(self, port: serial.Serial) -> None:
        self._port = port

    def read(self) -> bytes:
        try:
            return self._port.read(self._port.in_waiting) if self._port.in_waiting else b""
        except OSError:
            return b""

    def write(self, data: bytes) -> object:
        try:
            return self._port.write(data)
        except OSError:
            return 0


@target_factory.reg_driver
@attr.s(eq=False)
class BenchNodeDriver(Driver, NodeProtocol):
    """A board at a serial port by its serial number, with its power at whatever labgrid can switch."""

    bindings = {"serial": SerialDriver, "power": PowerProtocol}  # noqa: RUF012
    serial: SerialDriver
    power: PowerProtocol

    def on_activate(self) -> None:
        """Begin, as labgrid calls it."""
        self._wire = _Wire(self.serial.serial)  # pyright: ignore[reportArgumentType] - over the network it is alike

    @property
    def port(self) -> _Wire:
        """See `NodeProtocol`."""
        return self._wire

    @Driver.check_active
    @step()
    def on(self) -> None:
        """See `NodeProtocol`."""
        self.power.on()

    @Driver.check_active
    @step()
    def cut(self) -> str:
        """See `NodeProtocol`."""
        self.power.off()
        time.sleep(_DISCHARGE_S)
        return "the relay is open" if getattr(self.power, "get", lambda: False)() is False else ""

    @step()
    def hold_reset(self) -> None:
        """See `NodeProtocol`."""
        self.serial.serial.rts = True  # EN of an ESP32 and RUN of a Pico, by the usual two transistors

    @step()
    def release_reset(self) -> None:
        """See `NodeProtocol`."""
        self.serial.serial.rts = False

    def digests(self) -> dict[str, bytes]:
        """See `NodeProtocol`."""
        return {}


@target_factory.reg_resource
@attr.s(eq=False)
class Mcp4725(Resource):
    """A DAC on an I2C bus of this machine (Microchip MCP4725).

    Args:
        bus (str): "/dev/i2c-1"
        address (int): 0x60 to 0x67
        low (int): hundredths of a degree that the node measures at 0 V
        high (int): and at the supply
    """

    bus: str = attr.ib(validator=attr.validators.instance_of(str))
    address: int = attr.ib(default=0x60, validator=attr.validators.instance_of(int))
    low: int = attr.ib(default=3000, validator=attr.validators.instance_of(int))
    high: int = attr.ib(default=4300, validator=attr.validators.instance_of(int))


@target_factory.reg_driver
@attr.s(eq=False)
class DacDriver(Driver, SensorProtocol):
    """In the place of a thermistor: a voltage for each value."""

    bindings = {"dac": Mcp4725}  # noqa: RUF012
    dac: Mcp4725

    @Driver.check_active
    @step(args=["value"])
    def drive(self, value: int) -> None:
        """See `SensorProtocol`."""
        part = (value - self.dac.low) / (self.dac.high - self.dac.low)
        code = round(_MOST * min(1.0, max(0.0, part)))
        bus = os.open(self.dac.bus, os.O_RDWR)
        try:
            fcntl.ioctl(bus, _I2C_SLAVE, self.dac.address)
            os.write(bus, code.to_bytes(2, "big"))  # fast mode: two bits of command, two of power, the code
        finally:
            os.close(bus)
