"""A simulated continuous glucose monitor (Continuous Glucose Monitoring Service), whose values have a CRC.

It measures every minute; its session began some hours ago, and those records can be asked for.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from devices.codecs import cgm
from devices.codecs.cgm_values import (
    FEATURES,
    NO_STATUS,
    OPS_SUCCESS,
    Annunciation,
    Feature,
    Measurement,
    Op,
    SessionStart,
    Status,
    decode_ops,
    encode_ops,
    encode_run_time,
)
from devices.codecs.device_clock import device_time
from devices.codecs.glucose_values import INTERSTITIAL_FLUID
from devices.codecs.ieee11073 import Number
from devices.errors import BadBytes
from devices.model.observation import NoValue
from hil.radio.peripheral import Characteristic, Peripheral, Property, Service
from hil.sims.emitted import Emitted, now_ns
from hil.sims.models._stored_records import Shelf, Stored, local_now, send
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim

INTERVAL_MIN = 1
_RAN_MIN, _STORED_EVERY_MIN = 180, 5
_RUN_TIME_H = 14 * 24
_SUBCUTANEOUS = 5
_NOT_SUPPORTED, _INVALID_OPERAND = 2, 3
_TURN_S = 0.05


class Cgm:
    """A sensor with trend and quality. Off the patient it says that it is faulty and gives no value."""

    period_s = 60.0 * INTERVAL_MIN

    def __init__(self, patient: Patient, *, clock: Callable[[], datetime] = local_now) -> None:
        self.on_patient = True
        self.garbage = False
        self.service_data: Mapping[str, bytes] = {}
        self._clock = clock
        self._start = clock() - timedelta(minutes=_RAN_MIN)
        self._glucose = Wander(patient.spo2(0), middle=120, swing=50, knot_s=1800)
        self.shelf = Shelf(encrypted=True)
        self.measurement = Characteristic(cgm.MEASUREMENT, Property.NOTIFY, encrypted=True)
        self.ops = Characteristic(
            cgm.OPS_CONTROL, Property.WRITE | Property.INDICATE, encrypted=True, on_write=self._written
        )
        self._asked: list[bytes] = []
        self.services: Sequence[Service] = [Service(cgm.SERVICE, [*self._readable(), *self._talking()])]
        for offset in range(0, _RAN_MIN, _STORED_EVERY_MIN):
            self.measure(60.0 * offset, offset)

    def _readable(self) -> list[Characteristic]:
        features = sum(1 << FEATURES.index(name) for name in ("e2e-crc", "trend", "quality"))
        feature = Feature(features, INTERSTITIAL_FLUID, _SUBCUTANEOUS).encode()
        start = SessionStart(device_time(self._start)).encode(crc=True)
        return [
            Characteristic(cgm.FEATURE, Property.READ, feature),
            Characteristic(cgm.STATUS, Property.READ, on_read=self.status, encrypted=True),
            Characteristic(cgm.SESSION_START, Property.READ, start, encrypted=True),
            Characteristic(cgm.SESSION_RUN_TIME, Property.READ, encode_run_time(_RUN_TIME_H, crc=True)),
        ]

    def _talking(self) -> list[Characteristic]:
        return [self.measurement, self.shelf.control, self.ops]

    def _written(self, value: bytes) -> None:
        self._asked.append(value)

    def _age_min(self) -> int:
        return int((self._clock() - self._start).total_seconds() // 60)

    def _condition(self) -> Annunciation:
        return NO_STATUS if self.on_patient else Annunciation.SENSOR_MALFUNCTION

    def status(self) -> bytes:
        """How old its session is, and what is true now."""
        return Status(self._age_min(), self._condition()).encode(crc=True)

    def measure(self, time_s: float, offset_min: int | None = None) -> Stored:
        """Measure and store."""
        offset = self._age_min() if offset_min is None else offset_min
        number: Number = NoValue.NOT_AVAILABLE
        trend, quality = number, number
        if self.on_patient:
            number = Decimal(round(self._glucose.at(time_s)))
            trend = Decimal(f"{self._glucose.at(time_s + 60) - self._glucose.at(time_s):.1f}")
            quality = Decimal(95)
        value = Measurement(number, offset, self._condition(), trend, quality)
        values = {"glucose_isf": _plain(number), "glucose_trend": _plain(trend)}
        ago_s = 60.0 * (self._age_min() - offset)
        record = Stored(offset, [(self.measurement, value.encode(crc=True))], values, ago_s)
        self.shelf.put(record)
        return record

    def answer(self, data: bytes) -> bytes:
        """What the specific ops control point says to `data`."""
        try:
            op_code, _ = decode_ops(data, crc=True)
        except BadBytes:
            return encode_ops(Op.RESPONSE, bytes((*data[:1], _INVALID_OPERAND)), crc=True)
        match op_code:
            case Op.GET_INTERVAL:
                return encode_ops(Op.INTERVAL, bytes((INTERVAL_MIN,)), crc=True)
            case Op.SET_INTERVAL:
                return encode_ops(Op.RESPONSE, bytes((op_code, OPS_SUCCESS)), crc=True)
            case _:
                return encode_ops(Op.RESPONSE, bytes((op_code, _NOT_SUPPORTED)), crc=True)

    async def run(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """See `RadioSim`."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self.period_s
        while True:
            while self._asked:
                await send(peripheral, self.ops, self.answer(self._asked.pop(0)))
            await self.shelf.serve(peripheral, emitted)
            if loop.time() >= due:
                due += self.period_s
                await self.shelf.tell(self.measure(now_ns() / 1e9), peripheral, emitted)
            if self.garbage:
                self.garbage = not await send(peripheral, self.measurement, b"\xff")
            await asyncio.sleep(_TURN_S)


def _plain(number: Number) -> float | None:
    return None if isinstance(number, NoValue) else float(number)


SIMULATORS: dict[str, MakeSim] = {"bluetooth-cgm": Cgm}
