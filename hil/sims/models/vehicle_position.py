"""A simulated satellite receiver in an ambulance that drives a recorded route: NMEA 0183, once a second.

Under a roof it does as receivers do: for moments it reckons on (quality 6, mode E), then it has no fix
(quality 0, mode N), and outside again it takes a moment, and begins with few satellites.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from devices.codecs.nmea.fix import encode_angle
from devices.codecs.nmea.sentence import encode
from hil.sims.models._drive import Drive
from hil.sims.patient import Patient
from hil.sims.routes import Spot, routes
from hil.sims.simulated import MakeSim, Measured

_ON = datetime(2026, 1, 1, 8)  # noqa: DTZ001 - UTC, as the receiver tells it
_KNOT = Decimal("1.852")
_RECKONS_S, _FINDS_S, _SETTLES_S = 3, 2, 6
"""How long it reckons on under a roof, is without a fix outside again, and has few satellites then."""
_MOVING_KMH = 1.0
"""Slower, there is no course."""


@dataclass(frozen=True, slots=True)
class _Sky:
    """How good a fix is: satellites used, HDOP, and the mode of its sentences with the quality of GGA."""

    used: int
    hdop: str
    mode: str = "A"
    quality: str = "1"


_OPEN, _FEW, _RECKONED = _Sky(9, "0.92"), _Sky(5, "2.40"), _Sky(0, "99.99", "E", "6")


class Receiver:
    """A receiver of GPS and BeiDou. With `on_patient` False its antenna is covered."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._drive = Drive(patient)
        names = sorted(routes())
        self._route = routes()[names[patient.seed % len(names)]]
        self._began_s: float | None = None
        self._dark_s, self._light_s = 0, _SETTLES_S

    def tick(self, time_s: float) -> list[Measured]:
        """The sentences of one second."""
        self._began_s = time_s if self._began_s is None else self._began_s
        clock = _ON + timedelta(seconds=int(time_s))
        spot = self._route.at(time_s - self._began_s)
        sky = self._sky(covered=spot.covered or not self.on_patient)
        if sky is None:
            return [_without_fix(clock)]
        return [_with_fix(clock, spot, Decimal(f"{self._drive.altitude(time_s):.1f}"), sky)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Nothing."""
        return []

    def _sky(self, *, covered: bool) -> _Sky | None:
        """What it sees one second later; None: no fix."""
        if covered:
            self._dark_s, self._light_s = self._dark_s + 1, 0
            return _RECKONED if self._dark_s <= _RECKONS_S else None
        self._dark_s, self._light_s = 0, self._light_s + 1
        if self._light_s <= _FINDS_S:
            return None
        return _FEW if self._light_s <= _SETTLES_S else _OPEN


def _with_fix(clock: datetime, spot: Spot, altitude: Decimal, sky: _Sky) -> Measured:
    degrees = Decimal(f"{spot.latitude:.7f}"), Decimal(f"{spot.longitude:.7f}")
    north, east = (encode_angle(*pair) for pair in zip(degrees, ("NS", "EW"), strict=True))
    place, mode, used = [*north, *east], sky.mode, f"{sky.used:02}"
    knots, high = Decimal(f"{spot.kmh / 1.852:.3f}"), str(altitude)
    course = f"{spot.course:.2f}" if spot.kmh >= _MOVING_KMH else ""
    time, date = clock.strftime("%H%M%S.00"), clock.strftime("%d%m%y")
    kilometres = f"{knots * _KNOT:.3f}"
    satellites = ["05", "12", "25", "23", "27", "07", "09", "14", "30"][: sky.used]
    payload = (
        encode("GNRMC", (time, "A", *place, str(knots), course, date, "", "", mode, "V"))
        + encode("GNVTG", (course, "T", "", "M", str(knots), "N", kilometres, "K", mode))
        + encode("GNGGA", (time, *place, sky.quality, used, sky.hdop, high, "M", "-2.4", "M", "", ""))
        + encode("GNGSA", ("A", "3", *satellites, *[""] * (12 - sky.used), "1.70", sky.hdop, "1.43", "1"))
        + encode("GPGSV", ("1", "1", "03", "05", "61", "047", "41", "12", "40", "210", "38", "", "1"))
        + encode("GBGSV", ("1", "1", "02", "23", "58", "225", "40", "27", "07", "316", "", "1"))
        + encode("GNGLL", (*place, time, "A", mode))
    )
    told = {
        "latitude": _told(*north),
        "longitude": _told(*east),
        "altitude": float(altitude),
        "vehicle_speed": float(knots * _KNOT),
        "vehicle_course": float(course) if course else None,
        "gnss_hdop": float(sky.hdop),
    }
    seen = {"gnss_satellites": float(sky.used), "gnss_in_view": 5.0}
    # What is only reckoned is no measurement: the product has no value then.
    return Measured(payload, {**(dict.fromkeys(told) if mode == "E" else told), **seen})


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
