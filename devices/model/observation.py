"""What a device said: readings, waveforms, events; and the alerts made of them.

All times are `Instant`: nanoseconds of the host's monotonic clock, stamped where the bytes arrived.
UTC is put beside them once, in the block that carries them, with how sure the clock was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, IntFlag, StrEnum
from typing import NewType

Instant = NewType("Instant", int)
"""Monotonic time in nanoseconds since the host's boot."""


def later(now: Instant, seconds: float) -> Instant:
    """The instant `seconds` after `now`."""
    return Instant(now + int(seconds * 1_000_000_000))


class Quality(IntFlag):
    """What the device, or the gateway, says against a value. 0 is nothing."""

    GOOD = 0
    ARTIFACT = 1
    LOW_PERFUSION = 2
    OUT_OF_TRACK = 4
    SENSOR_ALARM = 8
    QUESTIONABLE = 16
    TEST_DATA = 32
    STORED = 64
    """Read later from the device's memory: true then, not now."""
    IMPLAUSIBLE = 128
    """Inside the reject range and outside the physiological one."""


class NoValue(IntEnum):
    """Why there is no value."""

    NOT_AVAILABLE = 1
    SENSOR_OFF = 2
    NO_CONTACT = 3
    NOT_AT_THIS_RESOLUTION = 4
    OVERFLOW = 5
    UNDERFLOW = 6
    RESERVED = 7
    REJECTED = 8
    """The device gave a number that the metric's reject range excludes."""
    MEASURING = 9
    """The device is still measuring, or its sensor warms up."""
    FAILED = 10
    """The device tried to measure and could not."""
    INVALID = 11
    """The device marks its own number as not valid."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one metric, in the metric's unit; or the reason why there is none."""

    metric: str
    at: Instant
    value: Decimal | None
    reason: NoValue | None = None
    quality: Quality = Quality.GOOD

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError(f"{self.metric}: a reading has either a value or a reason for having none")


@dataclass(frozen=True, slots=True)
class Waveform:
    """Samples at one rate: value i = int16 sample i × scale + offset, in the metric's unit.

    `at` is the time of the first sample, `rate_mhz` the rate in millihertz, `samples` little-endian
    int16 (RFC 8746 tag 77). NO_SAMPLE marks a sample that the device did not give.
    """

    metric: str
    at: Instant
    rate_mhz: int
    samples: bytes
    scale: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    quality: Quality = Quality.GOOD

    def __len__(self) -> int:
        return len(self.samples) // 2

    @property
    def end(self) -> Instant:
        """The time just after the last sample."""
        return Instant(self.at + len(self) * 1_000_000_000_000 // self.rate_mhz)


NO_SAMPLE = -32768


class EventKind(StrEnum):
    """What happened at a device, other than a measurement."""

    CONNECTED = "connected"
    """`pairing` none, encrypted or bonded, of a Bluetooth connection: how it is secured."""
    DISCONNECTED = "disconnected"
    IDENTITY = "identity"
    """Manufacturer, model, serial, firmware as the device itself says."""
    BATTERY = "battery"
    """`percent` 0–100."""
    LINK = "link"
    """`rssi` in dBm."""
    STATUS = "status"
    """A condition of sensor or device, by name, 1 when it begins and 0 when it ends."""
    BAD_BYTES = "bad-bytes"
    """Bytes that could not be read: counts by `checksum`, `framing`, `range`, `length`."""
    RR = "rr"
    """`ms`: the times between heart beats, oldest first, milliseconds to 0.1, with commas: "812.5,805.7"."""
    DEVICE_CLOCK = "device-clock"
    """What the device's own clock says of the readings at the same instant: `time` as the device tells it
    (YYYY-MM-DDThh:mm:ss, no zone but `Z` where it is UTC, unchecked), `set` 0 if the device knows that its
    clock is not set."""
    REJECTED = "rejected"
    """A number outside the metric's reject range: `metric`, `value`."""
    REFUSED = "refused"
    """The device refused or ignored a command: `command`."""
    DEVICE_ALARM = "device-alarm"
    """An alarm that the device itself raises or ends: `code` as the device names it, `text`, `active` 1 or 0,
    `priority` low, medium or high where the device says it. It never changes a vital sign."""
    LAB_RESULT = "lab-result"
    """A laboratory's result: `code` and `system` (the analyser's own, always), `text`, `value`, `unit`,
    `loinc` where known, `flags`, `status`, `specimen`, `patient`, `time` (as the device tells it)."""
    UNMAPPED = "unmapped"
    """A value of a kind that the metric table does not have, kept as the device tells it: `code`, `system`,
    `value`, `unit`, `text` where known."""
    COMMAND = "command"
    """What became of a command, said by the gateway itself: `id` in hexadecimal, `name`, `outcome` (`Outcome`
    in devices/wire/orders.py), `why` where it was not done."""
    CONFIGURATION = "configuration"
    """What became of a configuration, said by the gateway itself: `revision`, `outcome`, `why` where it was
    refused."""
    SOFTWARE = "software"
    """How far the gateway has come with a release of its own software: `release`, `progress` (`Progress` in
    devices/model/software.py), `why` where it waits or failed. Of a device: how far the gateway has come with
    its firmware: `version`, `progress` (`Stage` in devices/codecs/node/update.py), `percent`, `why`."""
    PICTURE = "picture"
    """A vehicle's crew took a picture (`devices/model/crew.py`). Its bytes are attachments, in bulk."""
    QUALITY = "quality"
    """How the gateway stands with the mobile network that it asked for a better connection: `state`
    (`Standing` in devices/model/quality_on_demand.py), `profile`, `why` where there is none."""
    FOUND = "found"
    """What a gateway found in reach that is none of its devices, said by the gateway itself: a report as
    devices/model/found.py has it."""
    MARK = "mark"
    """A person pressed the device's event button, or the device marks an event: `code`, `text`. A crew marks
    one at the box with the words of devices/model/crew.py, as all the following."""
    PAUSE = "pause"
    """The crew of a `vehicle` paused the sounds of alarms for `seconds`, 0: they sound again; `by` whom."""
    LIMIT = "limit"
    """A limit of one patient's alarm was moved, said by the gateway itself: `bed`, `stay`, `code`, `value`
    (empty: it is that of the class again), `usual` (that of the class), `by` whom. Where the gateway did not
    take what was asked for: `refused` (that value) and `why`; `value` is what holds."""
    LYING = "lying"
    """Whose limits hold in a bed of a ward, said by the gateway itself: `bed`, `stay` (empty: nobody's),
    `class`."""
    CLASSES = "classes"
    """For whom the limits of the gateway's beds are where nobody says otherwise, said at each start: `usual`,
    and by the name of the bed's setting (`bed.bed-3`) where it is another class. A gateway that says this
    takes the settings of devices/model/lying.py."""
    PATIENT = "patient"
    """Who is on board of a vehicle, said by its crew."""
    ASSESSMENT = "assessment"
    """What a crew assessed and no device measures."""
    CHECKLIST = "checklist"
    """An item of a crew's checklist was done, or was not after all."""
    REQUEST = "request"
    """What a crew asks the hospital for."""
    INSTRUCTION = "instruction"
    """A physician's instruction was shown to the crew, or acknowledged by them."""
    HANDOVER = "hand-over"
    """A crew offers the patient on board to the hospital, or takes the offer back."""
    VEHICLE = "vehicle"
    """A robot (VDA 5050) said something new: `topic` state, connection or factsheet, `json` the message,
    compact and in ASCII. A state is new if anything but pose, speed and battery is, and every 30 s."""
    VEHICLE_AT = "vehicle-at"
    """Where a robot is between two states that are told whole: `x_mm`, `y_mm`, `theta_mrad` and `map` where
    it says so, `localised` 1 or 0, `v_mm_s`, `battery_permille`, `node` and `sequence` (its last one),
    `driving` 1 or 0."""


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """Something that a device did. `detail` depends on `kind`."""

    kind: EventKind
    at: Instant
    detail: Mapping[str, str | int] = field(default_factory=dict[str, str | int])


class Priority(IntEnum):
    """Alarm priorities of IEC 60601-1-8."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert begins (`active`) or ends. `code` names the condition; a person's text is the screen's."""

    code: str
    at: Instant
    priority: Priority
    active: bool
    detail: Mapping[str, str | int] = field(default_factory=dict[str, str | int])


Record = Reading | Waveform | DeviceEvent | Alert
"""Whatever a device's session hands to the journal."""
