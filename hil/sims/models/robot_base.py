"""The simulated robot base: the firmware's own program, on wheels that turn as they are told."""

from firmware.robot.base import Base
from firmware.robot.wheels import Wheels, load
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_PER_METRE = 2000
_PER_KILOGRAM = 40_000
_STEP_S = 0.02


class Motors:
    """Wheels without mass: their counters go on at the speed that they are driven with."""

    def __init__(self) -> None:
        self.speeds = (0, 0)
        self.counts = [0.0, 0.0]

    def drive(self, left: int, right: int) -> None:
        """Speeds in mm/s."""
        self.speeds = left, right

    def stop(self) -> None:
        """No current."""
        self.speeds = 0, 0

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        turned = [speed * seconds * _PER_METRE / 1000 for speed in self.speeds]
        self.counts = [count + more for count, more in zip(self.counts, turned, strict=True)]


class Robot:
    """A base with a parcel. With `on_patient` False its load cell is unplugged."""

    period_s = _STEP_S

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self.button = self.bumper_left = self.bumper_right = False
        self.parcel_g = 800 + patient.seed % 5 * 100
        self.motors = Motors()
        self._wheels = Wheels(_PER_METRE)
        self._base: Base | None = None
        self._last_s = 0.0

    def tick(self, time_s: float) -> list[Measured]:
        """Turn, sense, tell."""
        base, now_ms = self._at(time_s), round(time_s * 1000)
        self.motors.turn(time_s - self._last_s)
        self._last_s = time_s
        left, right = (int(count) & 0xFFFF for count in self.motors.counts)
        self._wheels.update(left, right, now_ms)
        cell = load(self.parcel_g * _PER_KILOGRAM // 1000 if self.on_patient else None, 0, _PER_KILOGRAM)
        seen = self.button, self.bumper_left, self.bumper_right
        base.sense(seen, self._wheels.speeds, self._wheels.ways, cell, now_ms)
        return self._told(now_ms)

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Obey the host, as far as the base does."""
        now_ms = round(time_s * 1000)
        self._at(time_s).receive(data, now_ms)
        return self._told(now_ms)

    def _at(self, time_s: float) -> Base:
        if self._base is None:
            self._base, self._last_s = Base(self.motors, 1, round(time_s * 1000)), time_s
        return self._base

    def _told(self, now_ms: int) -> list[Measured]:
        frame = self._base.to_send(now_ms) if self._base else b""
        return [Measured(frame)] if frame else []


SIMULATORS: dict[str, MakeSim] = {"wardlink-robot-base": Robot}
