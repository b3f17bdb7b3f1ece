"""The robot base on a Raspberry Pi Pico: an H-bridge with an enable pin, two encoders, bumpers, an HX711.

The emergency stop's button cuts the enable pin in the pin's interrupt, whatever the main loop does; the
watchdog resets the board if that hangs, and after a reset the enable pin is an input, which the bridge
reads as off.
"""

import os
import time

import machine

from firmware.hal import buses, power
from firmware.hal.clock import Clock
from firmware.robot.base import Base
from firmware.robot.wheels import Wheels, load
from firmware.sensors import reasons

ENABLE, LEFT_PWM, LEFT_BACK, RIGHT_PWM, RIGHT_BACK = 10, 11, 12, 13, 14
BUTTON, BUMPER_LEFT, BUMPER_RIGHT = 15, 16, 17
ENCODERS = ((18, 19), (20, 21))
CELL_DATA, CELL_CLOCK = 26, 27
PER_METRE = 2000
PER_KILOGRAM, CELL_ZERO = 40000, 0
FULL_SPEED = 1500
"""Millimetres a second at full duty."""
_TURN_MS = 10
_HANG_MS = 300
"""A loop that stands for so long is reset, which stops the motors."""


class Motors:
    """Two motors behind one bridge."""

    def __init__(self) -> None:
        self._enable = machine.Pin(ENABLE, machine.Pin.OUT, value=0)
        self._wheels = [
            (
                machine.PWM(machine.Pin(pwm), freq=20000, duty_u16=0),
                machine.Pin(back, machine.Pin.OUT, value=0),
            )
            for pwm, back in ((LEFT_PWM, LEFT_BACK), (RIGHT_PWM, RIGHT_BACK))
        ]

    def drive(self, left: int, right: int) -> None:
        """Speeds in mm/s."""
        for wheel, speed in ((0, left), (1, right)):
            pwm, back = self._wheels[wheel]
            back.value(speed < 0)
            pwm.duty_u16(min(65535, abs(speed) * 65535 // FULL_SPEED))
        self._enable.value(1)

    def stop(self) -> None:
        """Cut the bridge, at once."""
        self._enable.value(0)


class Encoder:
    """A quadrature encoder: its first track counts, its second says which way."""

    def __init__(self, tracks: tuple) -> None:
        self.count = 0
        self._way = machine.Pin(tracks[1], machine.Pin.IN, machine.Pin.PULL_UP)
        machine.Pin(tracks[0], machine.Pin.IN, machine.Pin.PULL_UP).irq(self._step, machine.Pin.IRQ_RISING)

    def _step(self, _pin) -> None:
        self.count = self.count + (1 if self._way.value() else -1) & 0xFFFF


class Cell:
    """An HX711, 80 a second. Source: its data sheet (Avia), "Serial Interface": 24 bits, one more clock."""

    def __init__(self) -> None:
        self._data = machine.Pin(CELL_DATA, machine.Pin.IN, machine.Pin.PULL_UP)
        self._clock = machine.Pin(CELL_CLOCK, machine.Pin.OUT, value=0)
        self._missed = 0
        self._last = None, reasons.MEASURING

    def read(self) -> tuple:
        """(grams, 0) or (None, reason); the last one for up to a second while it is not ready."""
        if self._data.value():
            self._missed += 1
            if self._missed > 1000 // _TURN_MS:
                self._last = load(None, CELL_ZERO, PER_KILOGRAM)
            return self._last
        self._missed = code = 0
        for _ in range(24):
            code = code << 1 | self._bit()
        self._bit()
        signed = code - 0x1000000 if code & 0x800000 else code
        self._last = load(signed, CELL_ZERO, PER_KILOGRAM)
        return self._last

    def _bit(self) -> int:
        self._clock.value(1)
        bit = self._data.value()
        self._clock.value(0)
        return bit


def run(board) -> None:
    """Drive as the host says and the base allows, for ever."""
    clock = Clock()
    motors, serial, wheels, cell = Motors(), buses.Serial(board), Wheels(PER_METRE), Cell()
    base = Base(motors, int.from_bytes(os.urandom(4), "big"), 0)
    pressed, left, right = [
        machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP) for pin in (BUTTON, BUMPER_LEFT, BUMPER_RIGHT)
    ]
    pressed.irq(lambda _pin: base.button(), machine.Pin.IRQ_RISING)
    encoders = [Encoder(tracks) for tracks in ENCODERS]
    watchdog = power.Watchdog(_HANG_MS)
    while True:
        now = clock.now()
        wheels.update(encoders[0].count, encoders[1].count, now)
        seen = bool(pressed.value()), not left.value(), not right.value()
        base.sense(seen, wheels.speeds, wheels.ways, cell.read(), now)
        base.receive(serial.read(), now)
        if serial.is_free():
            serial.write(base.to_send(now))
        watchdog.feed()
        time.sleep_ms(_TURN_MS)
