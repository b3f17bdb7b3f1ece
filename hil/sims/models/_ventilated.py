"""A ventilated chest: what a ventilator measures of it, as a pure function of seed and time; synthetic.

Volume control with constant flow, a short pause, and passive expiration; a lung of one compliance and one
resistance.
"""

import math
from dataclasses import dataclass

from hil.sims.patient import Patient, Wander

RATE, PERIOD_S = 15.0, 4.0
"""Breaths a minute, and how long one takes."""
INSPIRATION_S, PAUSE_S = 1.0, 0.3
PEEP, COMPLIANCE, RESISTANCE = 5.0, 50.0, 0.15
"""cm[H2O], mL/cm[H2O], cm[H2O] per L/min."""


@dataclass(frozen=True)
class Ventilated:
    """A patient on a ventilator. All methods take `time_s` >= 0."""

    patient: Patient

    def tidal_ml(self, time_s: float) -> float:
        """Tidal volume of the breath at `time_s`."""
        wander = Wander(self.patient.recording.length_s, middle=450, swing=30, knot_s=60)
        return wander.at(time_s // PERIOD_S * PERIOD_S)

    def minute_volume(self, time_s: float) -> float:
        """L/min."""
        return self.tidal_ml(time_s) * RATE / 1000

    def plateau(self, time_s: float) -> float:
        """cm[H2O]."""
        return PEEP + self.tidal_ml(time_s) / COMPLIANCE

    def peak(self, time_s: float) -> float:
        """cm[H2O]."""
        return self.plateau(time_s) + RESISTANCE * self._insp_flow(time_s)

    def mean(self, time_s: float) -> float:
        """Mean airway pressure, cm[H2O]."""
        return PEEP + (self.plateau(time_s) - PEEP) * 0.4

    def etco2(self, time_s: float) -> float:
        """mm[Hg]."""
        return Wander(self.patient.recording.length_s + 1, middle=38, swing=3, knot_s=45).at(time_s)

    def flow(self, time_s: float) -> float:
        """L/min, to the patient."""
        phase = time_s % PERIOD_S
        if phase < INSPIRATION_S:
            return self._insp_flow(time_s)
        if phase < INSPIRATION_S + PAUSE_S:
            return 0.0
        return -60.0 * math.exp(-(phase - INSPIRATION_S - PAUSE_S) / 0.45)

    def paw(self, time_s: float) -> float:
        """Airway pressure, cm[H2O]."""
        phase = time_s % PERIOD_S
        above = self.plateau(time_s) - PEEP
        if phase < INSPIRATION_S:
            return PEEP + above * phase / INSPIRATION_S + RESISTANCE * self._insp_flow(time_s)
        if phase < INSPIRATION_S + PAUSE_S:
            return PEEP + above
        return PEEP + above * math.exp(-(phase - INSPIRATION_S - PAUSE_S) / 0.15)

    def co2(self, time_s: float) -> float:
        """CO2 at the airway, mm[Hg]."""
        phase = time_s % PERIOD_S
        return 0.0 if phase < INSPIRATION_S + PAUSE_S + 0.3 else self.etco2(time_s)

    def _insp_flow(self, time_s: float) -> float:
        return self.tidal_ml(time_s) / 1000 / INSPIRATION_S * 60
