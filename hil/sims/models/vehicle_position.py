"""A simulated satellite receiver in an ambulance that drives through a city: NMEA 0183, once a second."""

from datetime import datetime, timedelta
from decimal import Decimal
from math import cos, radians, sin

from devices.codecs.nmea.fix import encode_angle
from devices.codecs.nmea.sentence import encode
from hil.sims.models._drive import Drive
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_ON = datetime(2026, 1, 1, 8)  # noqa: DTZ001 - UTC, as the receiver tells it
_START = (Decimal("22.282"), Decimal("114.158"))
_M_A_DEGREE = 111_200
_KNOT = Decimal("1.852")


class Receiver:
    """A receiver of GPS and BeiDou. With `on_patient` False its antenna is covered: it has no fix."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._drive = Drive(patient)
        self._position = list(_START)

    def tick(self, time_s: float) -> list[Measured]:
        """The sentences of one second."""
        clock = _ON + timedelta(seconds=int(time_s))
        if not self.on_patient:
            return [_without_fix(clock)]
        knots = Decimal(f"{self._drive.speed(time_s) / 1.852:.3f}")
        course = Decimal(f"{self._drive.course(time_s):.2f}")
        self._move(float(knots * _KNOT) / 3.6, float(course))
        altitude = Decimal(f"{self._drive.altitude(time_s):.1f}")
        return [self._with_fix(clock, knots, course, altitude)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Nothing."""
        return []

    def _move(self, metres: float, course: float) -> None:
        """As far as it gets in one second, on a small plane."""
        north, east = metres * cos(radians(course)), metres * sin(radians(course))
        shrunk = _M_A_DEGREE * cos(radians(float(self._position[0])))
        self._position[0] += Decimal(f"{north / _M_A_DEGREE:.7f}")
        self._position[1] += Decimal(f"{east / shrunk:.7f}")

    def _with_fix(self, clock: datetime, knots: Decimal, course: Decimal, altitude: Decimal) -> Measured:
        north, east = (encode_angle(*pair) for pair in zip(self._position, ("NS", "EW"), strict=True))
        place = [*north, *east]
        time, date = clock.strftime("%H%M%S.00"), clock.strftime("%d%m%y")
        kilometres = f"{knots * _KNOT:.3f}"
        payload = (
            encode("GNRMC", (time, "A", *place, str(knots), str(course), date, "", "", "A", "V"))
            + encode("GNVTG", (str(course), "T", "", "M", str(knots), "N", kilometres, "K", "A"))
            + encode("GNGGA", (time, *place, "1", "09", "0.92", str(altitude), "M", "-2.4", "M", "", ""))
            + encode("GNGSA", ("A", "3", *["05", "12", "25"], *[""] * 9, "1.70", "0.92", "1.43", "1"))
            + encode("GPGSV", ("1", "1", "03", "05", "61", "047", "41", "12", "40", "210", "38", "", "1"))
            + encode("GBGSV", ("1", "1", "02", "23", "58", "225", "40", "27", "07", "316", "", "1"))
            + encode("GNGLL", (*place, time, "A", "A"))
        )
        values = {
            "latitude": _told(*north),
            "longitude": _told(*east),
            "altitude": float(altitude),
            "vehicle_speed": float(knots * _KNOT),
            "vehicle_course": float(course),
            "gnss_satellites": 9.0,
            "gnss_hdop": 0.92,
            "gnss_in_view": 5.0,
        }
        return Measured(payload, values)


def _told(text: str, side: str) -> float:
    """The degrees that ddmm.mmmmm says, as far as its digits go."""
    point = text.index(".") - 2
    degrees = round(int(text[:point]) + float(text[point:]) / 60, 10)
    return -degrees if side in "SW" else degrees


def _without_fix(clock: datetime) -> Measured:
    time, date = clock.strftime("%H%M%S.00"), clock.strftime("%d%m%y")
    payload = (
        encode("GNRMC", (time, "V", *[""] * 6, date, "", "", "N", "V"))
        + encode("GNVTG", (*[""] * 8, "N"))
        + encode("GNGGA", (time, *[""] * 4, "0", "00", "99.99", *[""] * 6))
        + encode("GPGSV", ("1", "1", "00", "1"))
        + encode("GNGLL", (*[""] * 4, time, "V", "N"))
    )
    gone = ("latitude", "longitude", "altitude", "vehicle_speed", "vehicle_course", "gnss_hdop")
    return Measured(payload, {**dict.fromkeys(gone), "gnss_satellites": 0.0, "gnss_in_view": 0.0})


SIMULATORS: dict[str, MakeSim] = {"nmea-gnss": Receiver, "nmea-gnss-4800": Receiver}
