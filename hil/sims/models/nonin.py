"""Simulated Nonin oximeters by data format: 2 and 7 (75 frames a second), 8 (once a second), 13 (spots)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from devices.codecs import nonin_df8, nonin_df13
from devices.codecs.device_clock import device_time
from devices.codecs.nonin_df13_reader import NAME, REVISIONS, TIME, Message
from devices.codecs.nonin_packet import (
    ACK,
    FRAME_BYTES,
    FRAME_HZ,
    FRAMES,
    NAK,
    Frame,
    Packet,
    Status,
    WideFrame,
    select_format,
)
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_GROUP = 5
"""Frames that leave together, as a USB adapter would deliver them."""
_EPOCH = datetime(2026, 1, 1)  # noqa: DTZ001 - the device tells no zone
_SERIAL, _REVISION = b"501493200", 0x98


class Commands:
    """Finds the host's commands: STX, operation, size, data, ETX; and two letters of ASCII."""

    def __init__(self) -> None:
        self._heard = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The commands that `data` completes."""
        self._heard += data
        while self._heard:
            size = self._size()
            if len(self._heard) < size:
                return
            yield self._heard[:size]
            self._heard = self._heard[size:]

    def _size(self) -> int:
        match self._heard[0]:
            case 0x02:
                return 4 + self._heard[2] if len(self._heard) > 2 else 4
            case 0x44:
                return 2
            case _:
                return 1


class PlethSim:
    """A module that sends format 2, or 7: a packet of 25 frames is told in five groups."""

    period_s = _GROUP / FRAME_HZ

    def __init__(self, patient: Patient, number: int, form: type[Frame], full_scale: int) -> None:
        self.on_patient = True
        self._patient = patient
        self._select = select_format(number)
        self._form = form
        self._full_scale = full_scale
        self._commands = Commands()
        self._groups: list[Measured] = []

    def tick(self, time_s: float) -> list[Measured]:
        """The next group of frames."""
        if not self._groups:
            self._groups = self._packet(time_s)
        return [self._groups.pop(0)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """ACK for its own format, NAK for others."""
        answers = [ACK if command == self._select else NAK for command in self._commands.feed(data)]
        return [Measured(bytes((answer,))) for answer in answers]

    def _packet(self, time_s: float) -> list[Measured]:
        packet = Packet(None, None, (0,) * FRAMES, Status.DISCONNECTED)
        samples: list[int | None] = [None] * FRAMES
        if self.on_patient:
            times = (time_s + index / FRAME_HZ for index in range(FRAMES))
            pleth = tuple(round(self._full_scale * self._patient.pleth(time)) for time in times)
            samples = [*pleth]
            packet = Packet(round(self._patient.heart_rate(time_s)), round(self._patient.spo2(time_s)), pleth)
        data = packet.encode(self._form)
        groups = [
            Measured(
                data[at * FRAME_BYTES : (at + _GROUP) * FRAME_BYTES], {"pleth": samples[at : at + _GROUP]}
            )
            for at in range(0, FRAMES, _GROUP)
        ]
        numbers = {"pr_spo2": packet.rate, "spo2": packet.spo2}
        groups[-1] = Measured(groups[-1].payload, {**groups[-1].values, **numbers})
        return groups


class SecondSim:
    """A module that sends format 8. Without a finger it repeats its last numbers for ten seconds, flagged."""

    period_s = 1.0
    REPEATED_S = 10.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._patient = patient
        self._last = nonin_df8.Packet(None, None)
        self._measured_s = float("-inf")
        self._commands = Commands()

    def tick(self, time_s: float) -> list[Measured]:
        """The packet of this second."""
        if self.on_patient:
            rate, spo2 = round(self._patient.heart_rate(time_s)), round(self._patient.spo2(time_s))
            self._last, self._measured_s = nonin_df8.Packet(rate, spo2), time_s
            return [Measured(self._last.encode(), {"pr_spo2": rate, "spo2": spo2})]
        is_repeated = time_s - self._measured_s <= self.REPEATED_S
        rate, spo2 = (self._last.rate, self._last.spo2) if is_repeated else (None, None)
        packet = nonin_df8.Packet(rate, spo2, nonin_df8.Status.SENSOR_ALARM)
        return [Measured(packet.encode(), {"pr_spo2": None, "spo2": None})]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """ACK for its format, in either way of asking; NAK for others."""
        known = (select_format(nonin_df8.FORMAT), nonin_df8.SELECT_ASCII)
        answers = [ACK if command in known else NAK for command in self._commands.feed(data)]
        return [Measured(bytes((answer,))) for answer in answers]


class SpotCheckSim:
    """A 9560: a spot check every half minute, by a clock that began with the patient's time."""

    period_s = 30.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._patient = patient
        self._commands = Commands()

    def tick(self, time_s: float) -> list[Measured]:
        """One measurement; without a finger one that says it has none."""
        time = device_time(_EPOCH + timedelta(seconds=int(time_s)))
        rate = spo2 = None
        status = nonin_df13.Status.NO_MEASUREMENT
        if self.on_patient:
            rate, spo2 = round(self._patient.heart_rate(time_s)), round(self._patient.spo2(time_s))
            status = nonin_df13.Status.SMARTPOINT
        measurement = nonin_df13.Measurement(time, rate, spo2, status)
        return [Measured(measurement.encode(), {"pr_spo2": rate, "spo2": spo2})]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """What it answers to each command; nothing to an acknowledgement."""
        answers = (self._answer(command, time_s) for command in self._commands.feed(data))
        return [Measured(answer.encode()) for answer in answers if answer]

    def _answer(self, command: bytes, time_s: float) -> Message | None:
        now = _EPOCH + timedelta(seconds=int(time_s))
        shown = (now.year % 100, now.month, now.day, now.hour, now.minute, now.second)
        name = b"\x02" + _SERIAL
        answers = {
            bytes((ACK,)): None,
            nonin_df13.COMMANDS["get-time"]: Message(TIME, bytes(shown)),
            nonin_df13.COMMANDS["get-serial-number"]: Message(NAME, name + bytes((sum(name) % 256,))),
            nonin_df13.COMMANDS["get-revisions"]: Message(REVISIONS, bytes((_REVISION, 0))),
            nonin_df13.COMMANDS["select-format-13"]: Message(ACK),
        }
        return answers.get(command, Message(NAK))


SIMULATORS: dict[str, MakeSim] = {
    "nonin-xpod": lambda patient: PlethSim(patient, 2, Frame, 255),
    "nonin-xpod-df7": lambda patient: PlethSim(patient, 7, WideFrame, 65535),
    "nonin-4100-df8": SecondSim,
    "nonin-9560": SpotCheckSim,
}
