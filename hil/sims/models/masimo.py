"""Simulated Masimo oximeters: a line of ASCII 1 a second. All but rate and saturation is synthetic."""

from datetime import datetime, timedelta

from devices.codecs.device_clock import device_time
from devices.codecs.masimo_line import SENSOR_OFF, SET, Line
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim, Measured

_EPOCH = datetime(2026, 1, 1)  # noqa: DTZ001 - the device tells no zone
_PI, _SPCO, _SPMET, _SPHB, _SPOC, _PVI, _RRA = (
    Wander(0.1, middle=3.2, swing=1.5, knot_s=15),
    Wander(0.2, middle=1.5, swing=0.5, knot_s=60),
    Wander(0.3, middle=0.8, swing=0.3, knot_s=60),
    Wander(0.4, middle=13.5, swing=0.8, knot_s=120),
    Wander(0.5, middle=18.0, swing=1.0, knot_s=120),
    Wander(0.6, middle=15.0, swing=6.0, knot_s=60),
    Wander(0.7, middle=16.0, swing=4.0, knot_s=30),
)
Values = dict[str, float | None]


class Rad8Sim:
    """A Rad-8: SpO2, pulse rate, perfusion index; dashes for what it cannot measure."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._patient = patient

    def tick(self, time_s: float) -> list[Measured]:
        """The line of this second."""
        values = self._values(time_s)
        fields = self._fields(values)
        fields["ALARM"], fields["EXC"] = "0000", f"{SET if self.on_patient else SET | SENSOR_OFF:06X}"
        line = Line(device_time(_EPOCH + timedelta(seconds=int(time_s))), fields)
        return [Measured(line.encode(), values)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Nothing."""
        return []

    def _values(self, time_s: float) -> Values:
        if not self.on_patient or not self._patient.has_pulse(time_s):
            return dict.fromkeys(("spo2", "pr_spo2", "pi"))
        return {
            "spo2": round(self._patient.spo2(time_s)),
            "pr_spo2": round(self._patient.heart_rate(time_s)),
            "pi": round(_PI.at(time_s), 2),
        }

    def _fields(self, values: Values) -> dict[str, str]:
        return {
            "SN": "0000093112",
            "SPO2": _text(values["spo2"], "03.0f", "---") + "%",
            "BPM": _text(values["pr_spo2"], "03.0f", "---"),
            "PI": _text(values["pi"], "05.2f", "--.--") + "%",
            "SPCO": "--.-%",
            "SPMET": "--.-%",
            "DESAT": "--",
            "PIDELTA": "+--",
        }


class Radical7Sim(Rad8Sim):
    """A Radical-7 that is licensed for everything."""

    def _values(self, time_s: float) -> Values:
        values = super()._values(time_s)
        others = {"spco": (_SPCO, 1), "spmet": (_SPMET, 1), "sphb": (_SPHB, 1), "spoc": (_SPOC, 0)}
        others |= {"pvi": (_PVI, 0), "rr_acoustic": (_RRA, 0)}
        for metric, (wander, digits) in others.items():
            values[metric] = round(wander.at(time_s), digits) if self.on_patient else None
        if self.on_patient:
            values["rr_acoustic"] = round(self._patient.turned("respiration", _RRA.at(time_s)))
        return values

    def _fields(self, values: Values) -> dict[str, str]:
        return super()._fields(values) | {
            "SN": "----------",
            "SPCO": _text(values["spco"], "04.1f", "--.-") + "%",
            "SPMET": _text(values["spmet"], "04.1f", "--.-") + "%",
            "SPHB": _text(values["sphb"], "04.1f", "--.-"),
            "SPOC": _text(values["spoc"], "02.0f", "--"),
            "RESVD": "---",
            "PVI": _text(values["pvi"], "03.0f", "---"),
            "RRA": _text(values["rr_acoustic"], "03.0f", "---"),
        }


def _text(value: float | None, form: str, dashes: str) -> str:
    return dashes if value is None else format(value, form)


SIMULATORS: dict[str, MakeSim] = {"masimo-rad8": Rad8Sim, "masimo-radical7": Radical7Sim}
