"""A simulated bedside monitor that sends IHE PCD-01 over MLLP: numbers and waveforms every second.

Heart rate, SpO2, temperature and the pleth are the patient's; the others are steady, in the middle of what is
plausible. The cuff measures every minute, and its last values are repeated in each message, as Mindray does.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from devices.codecs.hl7.message import Marks, encode_segment
from devices.codecs.hl7.mllp import encode
from devices.codecs.hl7.pcd01 import NUMERICS, WAVEFORMS
from devices.model.metrics import Metric, by_name
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_UNITS = {
    "/min": "264864^MDC_DIM_BEAT_PER_MIN^MDC",
    "%": "262688^MDC_DIM_PERCENT^MDC",
    "mm[Hg]": "266016^MDC_DIM_MMHG^MDC",
    "Cel": "268192^MDC_DIM_DEGC^MDC",
    "mV": "266418^MDC_DIM_MILLI_VOLT^MDC",
    "L/min": "265216^MDC_DIM_X_L_PER_MIN^MDC",
    "1": "262656^MDC_DIM_DIMLESS^MDC",
}
_CUFF = ("nibp_sys", "nibp_dia", "nibp_map", "pr_nibp")
_CUFF_S = 60.0
_NO_VALUE = "-100"
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_RATE_HZ, _RESOLUTION = 50, Decimal("0.001")


class Monitor:
    """One monitor at one bed."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._patient = patient
        self._control = 0
        self._cuff_s: float | None = None

    def tick(self, time_s: float) -> list[Measured]:
        """One message of numbers, one of waveforms."""
        return [self._numbers(time_s), self._waves(time_s)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Acknowledgements: the next message does not depend on them."""
        return []

    def _numbers(self, time_s: float) -> Measured:
        is_new = self._cuff_s is None or time_s - self._cuff_s >= _CUFF_S
        self._cuff_s = time_s if is_new or self._cuff_s is None else self._cuff_s
        lines: list[dict[int, str]] = []
        values: dict[str, float | None] = {}
        for name in NUMERICS:
            metric, is_cuff = by_name(name), name in _CUFF
            value = self._value(metric, time_s)
            text = _NO_VALUE if value is None else str(value)
            told = _time(self._cuff_s if is_cuff else time_s)
            lines.append({2: "NM", 3: _term(metric), 5: text, 6: _UNITS[metric.unit], 11: "R", 14: told})
            if is_new or not is_cuff:
                values[name] = None if value is None else float(value)
        return Measured(self._message(lines, time_s), dict(values))

    def _value(self, metric: Metric, time_s: float) -> Decimal | None:
        if not self.on_patient:
            return None
        live = {
            "hr": self._patient.heart_rate,
            "pr_spo2": self._patient.heart_rate,
            "spo2": self._patient.spo2,
            "temp": self._patient.temperature,
        }
        if metric.name in live:
            return Decimal(f"{live[metric.name](time_s):.1f}")
        low, high = metric.physio_low or Decimal(0), metric.physio_high or Decimal(0)
        return round((low + high) / 2, 1)

    def _waves(self, time_s: float) -> Measured:
        lines: list[dict[int, str]] = []
        values: dict[str, list[int | None]] = {}
        for name in WAVEFORMS:
            metric, place = by_name(name), f"1.{len(values) + 1}"
            times = (time_s + index / _RATE_HZ for index in range(_RATE_HZ))
            samples = [round(200 * self._patient.pleth(time)) for time in times]
            resolution = {2: "NM", 3: "2327^MDC_ATTR_NU_MSMT_RES^MDC", 5: str(_RESOLUTION)}
            lines += [
                {2: "NA", 3: _term(metric), 4: place, 5: "^".join(map(str, samples))},
                {2: "NM", 3: "0^MDC_ATTR_SAMP_RATE^MDC", 4: f"{place}.1", 5: str(_RATE_HZ)},
                resolution | {4: f"{place}.2", 6: _UNITS[metric.unit]},
            ]
            values[name] = [*samples]
        if not self.on_patient:
            return Measured(b"")
        return Measured(self._message(lines, time_s), dict(values))

    def _message(self, lines: list[dict[int, str]], time_s: float) -> bytes:
        marks = Marks()
        self._control += 1
        header = {3: "SIM_MONITOR^00A0370000000001^EUI-64", 4: "WARDLINK", 7: _time(time_s)}
        header |= {9: "ORU^R01^ORU_R01", 10: str(self._control), 11: "P", 12: "2.6", 15: "NE", 16: "AL"}
        segments = [
            encode_segment("MSH", header | {18: "UNICODE UTF-8"}, marks),
            encode_segment("PID", {3: "SIM1^^^Hospital^PI"}, marks),
            encode_segment("PV1", {2: "I", 3: "ICU^^5"}, marks),
            encode_segment(
                "OBR", {1: "1", 4: "182777000^monitoring of patient^SCT", 7: _time(time_s)}, marks
            ),
            *(encode_segment("OBX", {1: str(number)} | line, marks) for number, line in enumerate(lines, 1)),
        ]
        return encode("".join(segment + "\r" for segment in segments).encode())


def _term(metric: Metric) -> str:
    return f"{metric.mdc_code}^{metric.mdc_refid}^MDC"


def _time(time_s: float) -> str:
    return f"{_EPOCH + timedelta(seconds=time_s):%Y%m%d%H%M%S}+0000"


SIMULATORS: dict[str, MakeSim] = {"ihe-pcd-01": Monitor}
