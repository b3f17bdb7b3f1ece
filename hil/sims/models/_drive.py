"""What the simulated parts of one ambulance share: its drive through a city. All of it is synthetic."""

from hil.sims.patient import Patient, Wander


class Drive:
    """Speed and the rest as functions of time; each patient is driven another way."""

    def __init__(self, patient: Patient) -> None:
        seed = patient.temperature(0.0)
        self._speed = Wander(seed, middle=38.0, swing=30.0, knot_s=15)
        self._altitude = Wander(seed + 2, middle=30.0, swing=15.0, knot_s=90)

    def speed(self, time_s: float) -> float:
        """km/h, 8 to 68."""
        return self._speed.at(time_s)

    def altitude(self, time_s: float) -> float:
        """Metres above the sea."""
        return self._altitude.at(time_s)

    def engine_speed(self, time_s: float) -> float:
        """Turns a minute: idle, and more the faster it goes."""
        return 800 + 25 * self.speed(time_s)

    def fuel(self, time_s: float) -> float:
        """% of a full tank, used up slowly."""
        return max(5.0, 72 - time_s / 600 % 60)

    def coolant(self, time_s: float) -> float:
        """Degrees Celsius, of a warm engine."""
        return 84 + self.speed(time_s) / 10

    def odometer(self, time_s: float) -> float:
        """km."""
        return 48_210 + time_s % 1_000_000 / 100

    def voltage(self, time_s: float) -> float:
        """V, while the alternator charges."""
        return 13.6 + self.speed(time_s) / 200
