"""The robot base: wheels that turn only while everything allows it. Pure: motors and pins are handed in.

    base = Base(motors, boot, now_ms)
    base.sense((button, left, right), speeds, ways, load, now_ms)         # each 10 ms
    base.receive(data, now_ms)
    frame = base.to_send(now_ms)

The motors run only while the emergency stop is not latched, a bumper that is pressed is not driven against,
and a DRIVE is no older than `SILENCE_MS`. `button` is also called from the pin's interrupt, and stops the
motors there. Latched by the button or by the host, the stop is ended only by a RELEASE that names it, with
the button out; and then the motors wait for a new DRIVE. The button's loop is normally closed: a broken
wire is a press.
"""

from devices.codecs import robot_base_wire as keys
from devices.codecs.node import wire
from firmware.core.frame import Frames, made

_STOPPED, _PRESSED, _LEFT_HIT, _RIGHT_HIT, _SILENT, _MOVING = 1, 2, 4, 8, 16, 32
_HALF = 0x80000000
_ALL = 0xFFFFFFFF


class Base:
    """`motors` has `drive(left, right)` in mm/s and `stop()`, which cuts their current."""

    def __init__(self, motors, boot: int, now_ms: int) -> None:
        self._motors = motors
        self._boot = boot
        self._frames = Frames()
        self._latched = self._pressed = self._hit_left = self._hit_right = False
        self._stops = 0
        self._wanted = None
        self._newest = 0
        self._heard_ms = now_ms
        self._speeds, self._ways, self._load = (0, 0), (0, 0, 0), None
        self._sequence = 0
        self._told_ms = now_ms - keys.STATE_MS
        self._told = -1
        motors.stop()

    def button(self) -> None:
        """The button is pressed, or its wire is broken: may be called from an interrupt."""
        self._motors.stop()
        if not self._latched:
            self._latched = True
            self._stops += 1
        self._wanted = None

    def sense(self, seen: tuple, speeds: tuple, ways: tuple, load: tuple, now_ms: int) -> None:
        """What is so now: (button, left and right bumper), mm/s, `Wheels.ways`, (grams or None, reason)."""
        pressed, self._hit_left, self._hit_right = seen
        self._pressed = pressed
        self._speeds, self._ways, self._load = speeds, ways, load
        if pressed:
            self.button()
        self._move(now_ms)

    def receive(self, data: bytes, now_ms: int) -> None:
        """Take bytes of the host."""
        for item in self._frames.feed(data):
            kind = item.get(wire.KIND)
            if kind == keys.STOP:
                self.button()
            elif kind == keys.RELEASE:
                self._release(item.get(keys.STOPS))
            elif kind == keys.DRIVE:
                self._drive(item.get(wire.SEQUENCE), item.get(keys.LEFT), item.get(keys.RIGHT), now_ms)
        self._move(now_ms)

    def _release(self, number) -> None:
        if number == self._stops and not self._pressed:
            self._latched = False

    def _drive(self, number, left, right, now_ms: int) -> None:
        for speed in (left, right):
            if not isinstance(speed, int) or abs(speed) > keys.FASTEST:
                return
        if not isinstance(number, int) or self._latched:
            return
        is_newer = 0 < (number - self._newest & _ALL) < _HALF
        if is_newer or self._is_silent(now_ms):
            self._newest, self._heard_ms, self._wanted = number, now_ms, (left, right)

    def _is_silent(self, now_ms: int) -> bool:
        return self._wanted is None or now_ms - self._heard_ms >= keys.SILENCE_MS

    def _move(self, now_ms: int) -> None:
        """Let the motors do what is wanted and allowed."""
        wanted = None if self._latched or self._is_silent(now_ms) else self._wanted
        hit = self._hit_left or self._hit_right
        if wanted is None or (hit and max(wanted) > 0):
            self._wanted = None
            self._motors.stop()
        else:
            self._motors.drive(wanted[0], wanted[1])
            if self._latched:  # the button's interrupt came while the motors were being started
                self._motors.stop()

    def _flags(self, now_ms: int) -> int:
        flags = _STOPPED if self._latched else 0
        flags |= _PRESSED if self._pressed else 0
        flags |= (_LEFT_HIT if self._hit_left else 0) | (_RIGHT_HIT if self._hit_right else 0)
        flags |= _SILENT if self._is_silent(now_ms) else 0
        return flags | (_MOVING if self._speeds != (0, 0) else 0)

    def to_send(self, now_ms: int) -> bytes:
        """The state, if it is due; none before anything was sensed."""
        flags = self._flags(now_ms)
        if self._load is None or (flags == self._told and now_ms - self._told_ms < keys.STATE_MS):
            return b""
        self._told, self._told_ms = flags, now_ms
        self._sequence += 1
        load, reason = self._load
        return made(
            {
                wire.KIND: keys.STATE,
                wire.SEQUENCE: self._sequence,
                wire.BOOT: self._boot,
                wire.AT_MS: now_ms,
                keys.FLAGS: flags,
                keys.TRAVELLED: self._ways[0],
                keys.LEFT: self._speeds[0],
                keys.RIGHT: self._speeds[1],
                keys.LOAD: load,
                keys.REASON: reason,
                keys.STOPS: self._stops,
                keys.LEFT_WAY: self._ways[1],
                keys.RIGHT_WAY: self._ways[2],
            }
        )
