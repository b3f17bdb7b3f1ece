"""What the simulated BLE devices measure of their patient, as their specifications put it into bytes."""

from collections.abc import Sequence
from decimal import Decimal

from devices.codecs import heart_rate, pulse_oximeter, thermometer
from devices.codecs.ieee11073 import Number
from devices.codecs.plx_status import Sensor, Status
from devices.model.observation import NoValue
from hil.radio.peripheral import Characteristic, Property
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_RR_HZ = 1024


class Strap:
    """A chest strap (Heart Rate Service): rate, contact, and the RR intervals since the last measurement."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self.measurement = Characteristic(heart_rate.MEASUREMENT, Property.NOTIFY)
        place = heart_rate.encode_body_sensor_location("chest")
        self.others: Sequence[Characteristic] = [
            Characteristic(heart_rate.BODY_SENSOR_LOCATION, Property.READ, place)
        ]
        self._patient = patient
        self._told_until: float | None = None

    def measure(self, time_s: float) -> Measured:
        """A strap off the skin repeats no rate: it says 0 and that it has no contact."""
        since = time_s - self.period_s if self._told_until is None else self._told_until
        self._told_until = time_s
        if not self.on_patient:
            return Measured(heart_rate.HeartRate(0, contact=False).encode(), {"hr": None})
        rate = round(self._patient.heart_rate(time_s))
        rr = tuple(round(interval * _RR_HZ) for interval in self._patient.rr_intervals(since, time_s))
        return Measured(heart_rate.HeartRate(rate, contact=True, rr_1024=rr).encode(), {"hr": rate})


class Thermometer:
    """A thermometer (Health Thermometer Service), in degrees Celsius to 0.01; it must be paired with."""

    period_s = 2.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self.measurement = Characteristic(thermometer.MEASUREMENT, Property.INDICATE, encrypted=True)
        self.others: Sequence[Characteristic] = []
        self._patient = patient

    def measure(self, time_s: float) -> Measured:
        """NaN while it is off the skin."""
        number: Number = NoValue.NOT_AVAILABLE
        if self.on_patient:
            number = Decimal(f"{self._patient.temperature(time_s):.2f}")
        payload = thermometer.Temperature(number, place=thermometer.Place.BODY).encode()
        return Measured(payload, {"temp_body": _value(number)})


class Oximeter:
    """A pulse oximeter (Pulse Oximeter Service), measures continuously: SpO2, pulse rate, pulse amplitude."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self.measurement = Characteristic(pulse_oximeter.CONTINUOUS, Property.NOTIFY)
        self.others: Sequence[Characteristic] = []
        self._patient = patient

    def measure(self, time_s: float) -> Measured:
        """NaN and "sensor disconnected" while it is off the finger."""
        none, status = NoValue.NOT_AVAILABLE, Status(sensor=Sensor.SENSOR_DISCONNECTED)
        pair, values = pulse_oximeter.Saturation(none, none), dict[str, float | None](spo2=None, pr_spo2=None)
        if self.on_patient and self._patient.has_pulse(time_s):
            spo2, rate = round(self._patient.spo2(time_s)), round(self._patient.heart_rate(time_s))
            index = Decimal(f"{1 + 4 * abs(self._patient.pleth(time_s) - 0.5):.1f}")
            pair = pulse_oximeter.Saturation(Decimal(spo2), Decimal(rate))
            status = Status(sensor=Sensor(0), amplitude_index=index)
            values = {"spo2": spo2, "pr_spo2": rate, "pi": float(index)}
        return Measured(pulse_oximeter.Continuous(pair, status=status).encode(), values)


def _value(number: Number) -> float | None:
    return None if isinstance(number, NoValue) else float(number)


SIMULATORS: dict[str, MakeSim] = {"polar-h10": Strap, "and-ut-201ble": Thermometer, "nonin-3230": Oximeter}
