"""Puritan Bennett 840 and 980: answers SNDF and SNDA; tells each breath on its other port when it is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from devices.codecs.puritan_bennett.fields import DATE, IDENTITY, SILENCE, TIME, Kind, fields_of
from devices.codecs.puritan_bennett.report import SNDA, SNDF, Report, encode_time
from devices.codecs.puritan_bennett.waveforms import RATE_HZ, encode_breath
from devices.model.metrics import by_name
from devices.model.units import converted
from hil.sims.models._ventilated import PEEP, PERIOD_S, RATE, Ventilated
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_ON = datetime(2026, 1, 1, 8)  # noqa: DTZ001 - devices tell no zone
_SETTINGS = {
    "MISCF": {8: "INVASIVE", 9: "A/C", 10: "VC", 14: "0.450", 16: "40", 18: "5.0"},
    "MISCA": {9: "CMV"},
}
_COMMAND_BYTES = 5


class Reporting:
    """The port that answers."""

    period_s = 1.0

    def __init__(self, model: str, patient: Patient) -> None:
        self.on_patient = True
        self._model = model
        self._chest = Ventilated(patient)
        self._heard = b""

    def tick(self, time_s: float) -> list[Measured]:
        """Nothing: it speaks when it is asked."""
        return []

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """A report for each SNDF or SNDA."""
        *commands, self._heard = (self._heard + data).split(b"\r")
        names = {SNDA.strip(): "MISCA", SNDF.strip(): "MISCF"}
        self._heard = self._heard[-_COMMAND_BYTES:]
        return [self._answer(names[one], time_s) for one in commands if one in names]

    def _answer(self, name: str, time_s: float) -> Measured:
        values = _values(self._chest, time_s) if self.on_patient else {}
        date, clock = encode_time(_ON + timedelta(seconds=time_s))
        fields = {TIME: clock, IDENTITY: f"{self._model} 3510000001", DATE[name]: date, SILENCE[name]: "OFF"}
        told: dict[str, float | None] = {}
        for number, field in fields_of(name, self._model).items():
            if field.kind is Kind.ALARM:
                fields[number] = "NORMAL"
            if field.metric:
                fields[number] = _padded(values.get(field.metric), field.unit, field.metric)
                told[field.metric] = _meant(fields[number], field.unit, field.metric)
        payload = Report(name, {**fields, **_SETTINGS[name]}).encode()
        return Measured(payload, {name: value for name, value in told.items() if name not in _ON_CHANGE})


_ON_CHANGE = ("vent_peep_i", "vent_pplat", "vent_cstat")


def _values(chest: Ventilated, time_s: float) -> dict[str, float]:
    """What a passive, ventilated patient gives, in the units of the metrics; now and then a manoeuvre."""
    return {
        "vent_rr_set": RATE,
        "vent_rr_total": RATE,
        "vent_vt": chest.tidal_ml(time_s),
        "vent_vt_insp": chest.tidal_ml(time_s) + 10,
        "vent_vt_spont": 0,
        "vent_mv": chest.minute_volume(time_s),
        "vent_mv_spont": 0,
        "vent_pip": chest.peak(time_s),
        "vent_pmean": chest.mean(time_s),
        "vent_peep": PEEP,
        "vent_peep_i": 0.5 + time_s // 60 % 10 / 10,
        "vent_pplat": chest.plateau(time_s // 60 * 60),
        "vent_cstat": 48 + time_s // 60 % 10,
        "vent_cdyn": 40,
        "vent_raw": 9,
        "vent_flow_exp": 60,
        "vent_leak": 3,
        "fio2": 40,
    }


def _padded(value: float | None, unit: str, metric: str) -> str:
    """A value as a field says it: to a thousandth in L, to a tenth otherwise; blank for none."""
    if value is None:
        return ""
    digits = 3 if unit == "L" else 1
    told = converted(Decimal(f"{value:.1f}"), by_name(metric).unit, unit)
    return f"{told:.{digits}f}"


def _meant(text: str, unit: str, metric: str) -> float | None:
    return float(converted(Decimal(text), unit, by_name(metric).unit)) if text else None


class Waving:
    """The port that tells breaths."""

    period_s = PERIOD_S

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._chest = Ventilated(patient)
        self._number = 0

    def tick(self, time_s: float) -> list[Measured]:
        """The breath of the last `period_s`; none without a patient."""
        if not self.on_patient:
            return []
        self._number += 1
        start = max(0.0, time_s - PERIOD_S)
        times = [start + n / RATE_HZ for n in range(round(PERIOD_S * RATE_HZ))]
        pairs = [(_hundredths(self._chest.flow(t)), _hundredths(self._chest.paw(t))) for t in times]
        values: Mapping[str, list[int | None]] = {
            "flow_wave": [int(flow * 100) for flow, _ in pairs],
            "paw_wave": [int(paw * 100) for _, paw in pairs],
        }
        return [Measured(encode_breath(self._number, pairs), values)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Nothing: this port does not listen."""
        return []


def _hundredths(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")


SIMULATORS: dict[str, MakeSim] = {
    "puritan-bennett-840": partial(Reporting, "840"),
    "puritan-bennett-980": partial(Reporting, "980"),
    "puritan-bennett-840-waveforms": Waving,
}
