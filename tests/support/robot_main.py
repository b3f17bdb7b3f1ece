"""`micropython robot_main.py PORT SENSES`: the robot base's firmware with motors that turn as they are told.

SENSES has "button left right grams", 0 or 1 each but the last. Each time that the motors stop it prints
`stopped`, when, when the turn before was, when a DRIVE was heard last (ms of its own clock), and where it is:
mm, mm, mrad.
"""

# pyright: reportAttributeAccessIssue=false, reportMissingImports=false, reportPrivateUsage=false

import math
import sys
import time

from firmware.robot.base import Base
from firmware.robot.wheels import Wheels
from firmware.unix.main import Port

PER_METRE, WHEEL_BASE_MM, TURN_MS = 2000, 300, 10


class Motors:
    """Without mass."""

    def __init__(self) -> None:
        self.speeds = (0, 0)
        self.counts = [0.0, 0.0]
        self.pose = [0.0, 0.0, 0.0]
        self.stopped = False

    def drive(self, left: int, right: int) -> None:
        """In mm/s."""
        self.stopped = self.speeds != (0, 0) == (left, right)
        self.speeds = (left, right)

    def stop(self) -> None:
        """No current."""
        self.stopped = self.stopped or self.speeds != (0, 0)
        self.speeds = (0, 0)

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        left, right = self.speeds
        for wheel, speed in enumerate(self.speeds):
            self.counts[wheel] += speed * seconds * PER_METRE / 1000
        angle = (right - left) / WHEEL_BASE_MM * seconds
        along = self.pose[2] + angle / 2
        self.pose[0] += (left + right) / 2 * math.cos(along) * seconds
        self.pose[1] += (left + right) / 2 * math.sin(along) * seconds
        self.pose[2] += angle


def senses(path: str) -> list:
    """What the file says: the last whole line of it."""
    with open(path) as file:  # noqa: PTH123 - MicroPython has no pathlib
        words = file.read().split()
    return [int(word) for word in words] if len(words) == 4 else [0, 0, 0, 0]


def main(port_path: str, senses_path: str) -> None:
    """Until it is killed."""
    port, motors, wheels = Port(port_path), Motors(), Wheels(PER_METRE)
    base, last = Base(motors, time.ticks_us() & 0x7FFFFFFF, 0), 0
    start = time.ticks_ms()
    while True:
        heard = port.read(TURN_MS)
        now = time.ticks_diff(time.ticks_ms(), start)
        motors.turn((now - last) / 1000)
        before, last = last, now
        wheels.update(int(motors.counts[0]) & 0xFFFF, int(motors.counts[1]) & 0xFFFF, now)
        button, left, right, grams = senses(senses_path)
        base.sense((bool(button), bool(left), bool(right)), wheels.speeds, wheels.ways, (grams, 0), now)
        base.receive(heard, now)
        if motors.stopped:
            motors.stopped = False
            x, y, theta = motors.pose
            told = "stopped", now, before, base._heard_ms, int(x), int(y), int(theta * 1000)
            print(*told)  # noqa: T201 - its log
        frame = base.to_send(now)
        if frame:
            port.write(frame)


main(sys.argv[1], sys.argv[2])
