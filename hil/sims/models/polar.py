"""A simulated Polar H10 that streams its ECG (Measurement Data service) beside heart rate and intervals.

The ECG is synthetic: a P wave, a QRS complex and a T wave at each beat of the patient's recording.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence

from devices.codecs import heart_rate
from devices.codecs.polar_ecg import RATE_HZ
from devices.codecs.polar_pmd import (
    ACCELERATION,
    CONTROL,
    DATA,
    ECG,
    GET_SETTINGS,
    RESOLUTION,
    SAMPLE_RATE,
    SERVICE,
    START,
    STOP,
    Features,
    Response,
    ecg_frame,
    encode_settings,
)
from hil.radio.peripheral import Characteristic, Peripheral, Property, Service
from hil.sims.emitted import Emitted, now_ns
from hil.sims.models.vital_signs import Strap
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

SAMPLES = 73
"""In a frame of an H10."""
_FRAME_S = SAMPLES / RATE_HZ
_UNSET_NS = 599_616_000 * 1_000_000_000
"""2019-01-01, where the clock of an H10 begins, in nanoseconds since 2000-01-01."""
_OFFER = encode_settings({SAMPLE_RATE: [RATE_HZ], RESOLUTION: [14]})
_FEATURES = Features(frozenset({ECG, ACCELERATION})).encode()
_INVALID_MTU, _ALREADY_IN_STATE, _INVALID_PARAMETER, _NOT_SUPPORTED, _INVALID_OPERATION = 10, 6, 5, 3, 1
_MTU = 232
_WAVES = (
    (-0.16, 0.025, 120),
    (-0.03, 0.008, -150),
    (0.0, 0.010, 1500),
    (0.03, 0.009, -250),
    (0.22, 0.05, 260),
)
"""Seconds from the R peak, width in seconds, microvolts: P, Q, R, S, T."""


class EcgStrap:
    """A `RadioSim`: measures the rate each second, and a frame of ECG as often as it holds samples."""

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self.garbage = False
        self.streaming = False
        self._strap = Strap(patient)
        self._patient = patient
        self.control = Characteristic(
            CONTROL,
            Property.READ | Property.WRITE | Property.INDICATE,
            value=_FEATURES,
            on_write=self._written,
        )
        self.data = Characteristic(DATA, Property.NOTIFY)
        rate = Service(heart_rate.SERVICE, [self._strap.measurement, *self._strap.others])
        self.services: Sequence[Service] = [rate, Service(SERVICE, [self.control, self.data])]
        self.service_data: Mapping[str, bytes] = {}
        self._commands: asyncio.Queue[bytes] = asyncio.Queue()

    def answered(self, command: bytes) -> bytes:
        """What the control point indicates for `command`."""
        operation, kind = command[0], command[1] if len(command) > 1 else 0
        if operation not in (GET_SETTINGS, START, STOP):
            return Response(operation, kind, _INVALID_OPERATION).encode()
        if kind != ECG:
            return Response(operation, kind, _NOT_SUPPORTED).encode()
        if operation == GET_SETTINGS:
            return Response(operation, kind, 0, parameters=_OFFER).encode()
        if operation == START and command[2:] != _OFFER:
            return Response(operation, kind, _INVALID_PARAMETER).encode()
        if self.streaming == (operation == START):
            return Response(operation, kind, _ALREADY_IN_STATE).encode()
        self.streaming = operation == START
        return Response(operation, kind, 0, parameters=b"\x00").encode()

    def microvolts(self, end_s: float) -> list[int]:
        """The samples of the frame that ends at `end_s`; off the skin, a flat line with mains in it."""
        times = [end_s - (SAMPLES - 1 - index) / RATE_HZ for index in range(SAMPLES)]
        if not self.on_patient:
            return [round(300 * math.sin(2 * math.pi * 50 * time)) for time in times]
        beats = self._patient.beats(times[0] - 0.5, end_s + 0.5)
        drawn = ((time, sum(beat(time - one) for one in beats)) for time in times)
        return [round(self._patient.ecg(time, microvolts)) for time, microvolts in drawn]

    def rate(self, time_s: float) -> Measured:
        """The heart rate and the intervals since the last one."""
        self._strap.on_patient = self.on_patient
        return self._strap.measure(time_s)

    async def run(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """See `RadioSim`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._answer(peripheral))
            group.create_task(self._measure(peripheral, emitted))
            group.create_task(self._stream(peripheral, emitted))

    def _written(self, command: bytes) -> None:
        self._commands.put_nowait(command)

    async def _answer(self, peripheral: Peripheral) -> None:
        while True:
            command = await self._commands.get()
            self.control.value = _FEATURES
            central = peripheral.central
            if central and central.att_mtu >= _MTU:
                await peripheral.indicate(self.control, self.answered(command))
            else:
                await peripheral.indicate(self.control, Response(0, 1, _INVALID_MTU).encode())

    async def _measure(self, peripheral: Peripheral, emitted: Emitted) -> None:
        while True:
            at = now_ns()
            measured = self.rate(at / 1e9)
            if await peripheral.notify(self._strap.measurement, measured.payload):
                emitted.sent(at, measured.values)
            if self.garbage:
                self.garbage = not await peripheral.notify(self._strap.measurement, b"\xff")
            await asyncio.sleep(self._strap.period_s)

    async def _stream(self, peripheral: Peripheral, emitted: Emitted) -> None:
        due = now_ns() / 1e9
        while True:
            due += _FRAME_S
            await asyncio.sleep(max(0.0, due - now_ns() / 1e9))
            self.streaming &= peripheral.central is not None
            if not self.streaming:
                continue
            samples = self.microvolts(due)
            frame = ecg_frame(_UNSET_NS + round(due * 1e9), samples)
            at = now_ns()
            if await peripheral.notify(self.data, frame):
                emitted.sent(at, {"ecg_i": samples})


def beat(since_s: float) -> float:
    """Microvolts of a synthetic ECG, so many seconds after (or, if negative, before) an R peak."""
    return sum(height * math.exp(-(((since_s - place) / width) ** 2) / 2) for place, width, height in _WAVES)


SIMULATORS: dict[str, MakeSim] = {"polar-h10-ecg": EcgStrap}
