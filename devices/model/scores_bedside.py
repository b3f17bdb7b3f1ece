"""Two more scores of the bedside: the Glasgow Coma Scale and the shock index."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gcs:
    """Glasgow Coma Scale: eyes 1 to 4, verbal 1 to 5, motor 1 to 6; None is "not testable".

    Teasdale and Jennett, Lancet 1974; 304: 81 to 84; Teasdale et al., Lancet Neurol 2014; 13: 844 to 854:
    what cannot be tested is written so, and there is no sum then.
    """

    eye: int | None
    verbal: int | None
    motor: int | None

    def __post_init__(self) -> None:
        for name, value, most in (("eye", self.eye, 4), ("verbal", self.verbal, 5), ("motor", self.motor, 6)):
            if value is not None and not 1 <= value <= most:
                raise ValueError(f"{name}: expected 1 to {most}, or nothing if not testable, got {value}")

    @property
    def total(self) -> int | None:
        """3 to 15; None when one of the three could not be tested."""
        if self.eye is None or self.verbal is None or self.motor is None:
            return None
        return self.eye + self.verbal + self.motor

    @property
    def text(self) -> str:
        """As it is written: "E4 V5 M6", "E2 VNT M4"."""
        parts = ("E", self.eye), ("V", self.verbal), ("M", self.motor)
        return " ".join(f"{letter}{'NT' if value is None else value}" for letter, value in parts)


def shock_index(pulse: float, systolic: float) -> float | None:
    """Pulse by systolic pressure (Allgöwer M, Burri C, Dtsch med Wschr 1967; 92: 1947 to 1950), to 0.01.

    In health 0.5 to 0.7. None for a pressure of nothing.
    """
    return round(pulse / systolic, 2) if systolic > 0 else None
