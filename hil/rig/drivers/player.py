"""Plays values into a rig's sensor, at their rate."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import threading
import time
from collections.abc import Sequence

import attr
from labgrid import target_factory
from labgrid.driver import Driver
from labgrid.step import step

from hil.rig.drivers.protocols import LightProtocol, SensorProtocol


@target_factory.reg_driver
@attr.s(eq=False)
class WaveformPlayerDriver(Driver):
    """Whatever can be driven: a file, RAM, a DAC."""

    bindings = {"sensor": SensorProtocol}  # noqa: RUF012
    sensor: SensorProtocol

    @Driver.check_active
    @step(args=["value"])
    def drive(self, value: int) -> float:
        """One value, in hundredths, from now on. When that was (monotonic seconds)."""
        self.sensor.drive(value)
        return time.monotonic()

    @Driver.check_active
    @step()
    def play(self, values: Sequence[int], rate_hz: float) -> list[float]:
        """All of them, in hundredths, and wait for the end. When each was set (monotonic seconds)."""
        began, at = time.monotonic(), list[float]()
        for number, value in enumerate(values):
            time.sleep(max(0.0, began + number / rate_hz - time.monotonic()))
            at.append(self.drive(value))
        return at

    @Driver.check_active
    @step()
    def shine(self, light: Sequence[tuple[int, int]]) -> None:
        """Red and infrared light into the oximeter's chip, as fast as the node takes it."""
        assert isinstance(self.sensor, LightProtocol)
        self.sensor.shine(light)

    @Driver.check_active
    def repeat(self, values: Sequence[int], rate_hz: float) -> "Playing":
        """Again and again, beside what else is done, until it is stopped."""
        return Playing(self.sensor, values, rate_hz)


class Playing:
    """Plays until the block is left."""

    def __init__(self, sensor: SensorProtocol, values: Sequence[int], rate_hz: float) -> None:
        self._sensor, self._values, self._rate_hz = sensor, values, rate_hz
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _play(self) -> None:
        number = 0
        while not self._stop.wait(1 / self._rate_hz):
            self._sensor.drive(self._values[number % len(self._values)])
            number += 1
