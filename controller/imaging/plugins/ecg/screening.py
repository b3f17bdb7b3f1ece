"""The plug-in that looks at rhythms: on ECGs of the archive, and on what monitors have sent."""

from typing import Final

import numpy as np

from controller.imaging.plugins.ecg.beats import Signal, find_beats
from controller.imaging.plugins.ecg.rhythm import Rhythm, alike_ones, rhythm_of
from controller.imaging.plugins.ecg.strip import read_strip
from controller.imaging.plugins.ecg.waveform import Recording, read_recording
from controller.imaging.plugins.model import AT_ONCE, SOON, URGENT, Code, Finding, Given, Measure

NAME, VERSION = "wardlink-ecg-rhythm", "1.0"
_CLASSES: Final = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.9.1.1",  # 12-lead ECG
        "1.2.840.10008.5.1.4.1.1.9.1.2",  # General ECG
        "1.2.840.10008.5.1.4.1.1.9.1.3",  # Ambulatory ECG
        "1.2.840.10008.5.1.4.1.1.9.1.4",  # General 32-bit ECG
    }
)
MONITOR: Final = "ecg_"
"""How the metrics of a monitor's leads begin."""
FIBRILLATION: Final = Code("164889003", "SCT", "Electrocardiographic atrial fibrillation")
SLOW: Final = Code("48867003", "SCT", "Bradycardia")
FAST: Final = Code("3424008", "SCT", "Tachycardia")
RATE: Final = Code("8867-4", "LN", "Heart rate")
_ENTROPY: Final = Code("cosen", "99WARDLINK", "Coefficient of sample entropy of RR intervals")
_CHANGE: Final = Code("rr-change", "99WARDLINK", "Median change of RR interval")
SLOWEST, FASTEST, VERY_SLOW, VERY_FAST = 40.0, 130.0, 30.0, 180.0
"""Beats a minute that are told. The NEWS2 of the Royal College of Physicians (2017) gives 3 points to a pulse
of 40 or less and of 131 or more; the outer ones are at once."""
CONFIDENCE: Final = {30.0: 0.54, 0.0: 0.48}
"""How often "atrial fibrillation" was right (PPV), from so many seconds on: in MIT-BIH's records on which
nothing was tuned (`./run bench ecg`). Where fewer have it, it is right less often."""
SHOWN: Final = ("II", "MLII", "I", "V5")
"""The lead whose beats' shapes are compared, the first of these that there is."""


class EcgScreening:
    """See the module."""

    name = NAME
    version = VERSION

    def takes(self, kind: str) -> bool:
        """ECG objects, and monitors' leads."""
        return kind in _CLASSES or kind.startswith(MONITOR)

    def run(self, given: Given) -> list[Finding]:
        """Raises BadGiven."""
        is_strip = given.kind.startswith(MONITOR)
        recording = read_strip(given.content) if is_strip else read_recording(given.content)
        rhythm = judged(recording)
        return [] if rhythm is None else list(_findings(rhythm, recording))


def judged(recording: Recording) -> Rhythm | None:
    """The rhythm of a recording; None: no two beats are found."""
    beats = find_beats(list(recording.leads.values()), recording.rate_hz)
    return rhythm_of(beats, alike_ones(_shown(recording), beats, recording.rate_hz), recording.rate_hz)


def _shown(recording: Recording) -> Signal:
    names = {name.removeprefix("Lead ").upper(): name for name in recording.leads}
    lead = next((names[one] for one in SHOWN if one in names), next(iter(recording.leads)))
    return recording.leads[lead]


def _findings(rhythm: Rhythm, recording: Recording) -> list[Finding]:
    found, seconds = list[Finding](), recording.seconds
    rate = Measure(RATE, round(rhythm.rate_per_min, 1), "/min")
    told = f"{seconds:.0f} s, {len(recording.leads)} lead(s), heart rate {rhythm.rate_per_min:.0f}/min"
    if rhythm.is_irregular:
        evidence = (rate, *_irregular(rhythm))
        what = f"RR intervals without order, as in atrial fibrillation ({told}; P waves are not judged)"
        confidence = next(value for least, value in CONFIDENCE.items() if seconds >= least)
        urgency = URGENT if rhythm.rate_per_min > FASTEST else SOON
        found.append(Finding(FIBRILLATION, what, NAME, VERSION, confidence, urgency, evidence))
    if rhythm.rate_per_min <= SLOWEST:
        urgency = AT_ONCE if rhythm.rate_per_min <= VERY_SLOW else URGENT
        found.append(Finding(SLOW, f"slow ({told})", NAME, VERSION, None, urgency, (rate,)))
    if rhythm.rate_per_min > FASTEST:
        urgency = AT_ONCE if rhythm.rate_per_min > VERY_FAST else URGENT
        found.append(Finding(FAST, f"fast ({told})", NAME, VERSION, None, urgency, (rate,)))
    return found


def _irregular(rhythm: Rhythm) -> tuple[Measure, ...]:
    values = ((_ENTROPY, rhythm.entropy, "1"), (_CHANGE, 100 * rhythm.change, "%"))
    return tuple(Measure(code, round(value, 3), unit) for code, value, unit in values if np.isfinite(value))
