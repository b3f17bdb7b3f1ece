"""Draeger's ventilators and anaesthesia machines: MEDIBUS, the device's side, with realtime data at 50 Hz."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from devices.codecs.health import BadByteCounter
from devices.codecs.medibus.codes import MEANINGS, RANKED, WAVES, Key
from devices.codecs.medibus.frames import Code, Frame, FrameReader, command, response, split
from devices.codecs.medibus.realtime import encode_record
from devices.codecs.medibus.records import (
    SETTING_WIDTH,
    VALUE_WIDTH,
    Alarm,
    Identity,
    Message,
    Stream,
    Value,
    decode_number,
    decode_selection,
    encode_alarms,
    encode_identity,
    encode_messages,
    encode_streams,
    encode_time,
    encode_values,
)
from devices.model.metrics import by_name
from devices.model.units import converted
from devices.profiles._draeger import ANAESTHESIA, VENTILATED, VENTILATOR
from hil.sims.models._ventilated import PEEP, RATE, Ventilated
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_ON = datetime(2026, 1, 1, 8)  # noqa: DTZ001 - devices tell no zone
_STREAMS = (
    Stream(0x00, 20_000, -20, 100, 0xFFF),
    Stream(0x01, 20_000, -180, 180, 0xFFF),
    Stream(0x06, 20_000, 0, 100, 0xFFF),
)
_PAGES = {Code.DATA_1: VALUE_WIDTH, Code.DATA_2: VALUE_WIDTH, Code.SETTINGS: SETTING_WIDTH}
_LIMITS = {Code.LOW_LIMITS_1: "  10", Code.HIGH_LIMITS_1: "  35"}
_ENABLE = b"\xd0\xc1"


class Device:
    """One device with the metrics `metrics`. It asks for the talk itself until somebody begins it."""

    period_s = 0.1

    def __init__(self, identity: Identity, metrics: tuple[str, ...], patient: Patient) -> None:
        self.on_patient = True
        self._identity = identity
        self._keys = [RANKED[metric][0] for metric in metrics if metric in RANKED]
        self._streams = [stream for stream in _STREAMS if WAVES[stream.code].metric in metrics]
        self._patient = patient
        self._chest = Ventilated(patient)
        self._frames = FrameReader(BadByteCounter())
        self._selected: list[Stream] = []
        self._is_sending = self._has_begun = False

    def tick(self, time_s: float) -> list[Measured]:
        """Five records of realtime data, or a call for somebody to talk to."""
        if self._is_sending:
            return [self._record(time_s + n * 0.02) for n in range(5)]
        return [] if self._has_begun or time_s % 2 else [Measured(command(Code.ICC))]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """A response to each command; which curves are sent is said in fast bytes."""
        said: list[Measured] = []
        for run, is_fast in split(data):
            if is_fast:
                self._is_sending = run.partition(_ENABLE)[2][:1] not in (b"", b"\xc0")
            else:
                said += [self._answer(frame, time_s) for frame in self._frames.feed(run) if frame.is_command]
        return said

    def _answer(self, frame: Frame, time_s: float) -> Measured:
        code = frame.code
        if code == Code.ICC:
            self._has_begun, self._is_sending = True, False
        if code == Code.CONFIGURE_REALTIME:
            by_code = {stream.code: stream for stream in self._streams}
            self._selected = [by_code[one] for one in decode_selection(frame.data)]
        if code in _PAGES:
            return self._page(Code(code), time_s)
        return Measured(response(code, self._data(code, time_s)))

    def _data(self, code: int, time_s: float) -> bytes:
        alarms = [] if self.on_patient else [Alarm(27, 0x9A, "PAW LOW")]
        limits = {limit: encode_values([Value(0x7D, text)]) for limit, text in _LIMITS.items()}
        data: dict[int, bytes] = {
            Code.IDENTIFICATION: encode_identity(self._identity),
            Code.DATE_TIME: encode_time(_ON + timedelta(seconds=time_s)),
            Code.ALARMS_1: encode_alarms(alarms),
            Code.TEXT_MESSAGES: encode_messages([Message(0x01, "IPPV")]),
            Code.REALTIME_CONFIGURATION: encode_streams(self._streams),
            **limits,
        }
        return data.get(code, b"")

    def _page(self, page: Code, time_s: float) -> Measured:
        keys = [key for key in self._keys if key[0] == page]
        values = [Value(key[1], self._text(key, time_s)) for key in keys]
        payload = response(page, encode_values(values, _PAGES[page]))
        told = {
            MEANINGS[key].metric: _meant(key, value.text) for key, value in zip(keys, values, strict=True)
        }
        return Measured(payload, told)

    def _text(self, key: Key, time_s: float) -> str:
        """A value as the device says it, in at most 4 characters; blank for none."""
        if not self.on_patient:
            return ""
        meaning = MEANINGS[key]
        value = Decimal(f"{self._values(time_s)[meaning.metric]:.2f}")
        told = converted(value, by_name(meaning.metric).unit, meaning.unit)
        return next(text for digits in (2, 1, 0) if len(text := f"{told:.{digits}f}") <= VALUE_WIDTH)

    def _record(self, time_s: float) -> Measured:
        curves = {0x00: self._chest.paw, 0x01: self._chest.flow, 0x06: self._chest.co2}
        samples: list[int] = []
        for stream in self._selected:
            meaning = WAVES[stream.code]
            value = Decimal(f"{curves[stream.code](time_s) * self.on_patient:.3f}")
            told = converted(value, by_name(meaning.metric).unit, meaning.unit)
            part = (told - stream.least) / (stream.greatest - stream.least)
            samples.append(min(stream.steps, max(0, round(part * stream.steps))))
        names = [WAVES[stream.code].metric for stream in self._selected]
        return Measured(encode_record(samples), {n: [s] for n, s in zip(names, samples, strict=True)})

    def _values(self, time_s: float) -> dict[str, float]:
        """What a ventilated and anaesthetised patient gives, in the units of the metrics."""
        chest = self._chest
        return {
            "vent_vt": chest.tidal_ml(time_s),
            "vent_vt_insp": chest.tidal_ml(time_s) + 5,
            "vent_vt_spont": 0,
            "vent_mv": chest.minute_volume(time_s),
            "vent_mv_spont": 0,
            "vent_pip": chest.peak(time_s),
            "vent_pmean": chest.mean(time_s),
            "vent_pplat": chest.plateau(time_s),
            "vent_peep": PEEP,
            "vent_cdyn": 45,
            "vent_cstat": 50,
            "vent_raw": 9,
            "vent_rr_total": RATE,
            "vent_rr_spont": 0,
            "vent_rr_set": RATE,
            "vent_leak": 2,
            "rr_co2": RATE,
            "temp_airway": 34,
            "fio2": 40,
            "eto2": 35,
            "etco2": chest.etco2(time_s),
            "fico2": 0,
            "fin2o": 0,
            "etn2o": 0,
            "fisev": 2.4,
            "etsev": 2.1,
            "fides": 0,
            "etdes": 0,
            "fiiso": 0,
            "etiso": 0,
            "mac": 1.0,
            "spo2": self._patient.spo2(time_s),
            "pr_spo2": self._patient.heart_rate(time_s),
        }


def _meant(key: Key, text: str) -> float | None:
    number = decode_number(text)
    if number is None:
        return None
    meaning = MEANINGS[key]
    return float(converted(number, meaning.unit, by_name(meaning.metric).unit))


SIMULATORS: dict[str, MakeSim] = {
    "draeger-evita-4": partial(Device, Identity("8209", "Evita 4", "04.00", "04.03"), VENTILATOR),
    "draeger-evita-xl": partial(Device, Identity("8207", "EvitaXL", "07.00", "04.03"), VENTILATOR),
    "draeger-v500": partial(Device, Identity("8250", "Evita V500", "02.20", "06.00"), VENTILATOR),
    "draeger-primus": partial(Device, Identity("8303", "Primus", "04.00", "04.03"), ANAESTHESIA),
    "draeger-fabius": partial(Device, Identity("0000", "Fabius GS", "03.00", "04.03"), VENTILATED),
    "draeger-perseus": partial(Device, Identity("0000", "Perseus A500", "02.00", "06.00"), ANAESTHESIA),
    "draeger-atlan": partial(Device, Identity("5555", "A350", "02.10", "06.00"), ANAESTHESIA),
}
