"""Evidence of the firmware's oximeter: synthetic light, over 70 to 100 % and 30 to 210 beats a minute.

What it is worth is in its notes: the ratio of the lights and the beats are found or not, on the pulses of
three persons; nothing about the curve from ratio to saturation, which only people can prove.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from hil.evidence.collect import Evidence
from hil.evidence.digests import ROOT, of_file
from hil.evidence.figures import BlandAltman
from hil.evidence.measurement import Judgement, Measurement, worst
from hil.evidence.run import Result
from hil.measure.agreement import Pair, accuracy, binned
from hil.oximetry.finger import Conditions
from hil.oximetry.trials import Second, seconds

RIG = "synthetic-finger"
_SPO2_ARMS, _PULSE_ARMS = 4.0, 3.0
"""The most that is allowed: % by ISO 80601-2-61, 201.12.1.101.1; beats a minute as finger oximeters claim."""
_PERSONS = 3
"""Of whom there are pulses; fingers of one person differ in noise and beats only."""
_MODULE = "hil/evidence/oximeter.py"
_REFERENCE = 0.1
"""k = 2: the oximeter tells tenths, and the ratio is put at the curve's inverse in steps of about as much."""


@dataclass(frozen=True, slots=True)
class _Quantity:
    """What is told of one quantity: by which fingers, held against which truth."""

    name: str
    unit: str
    test: str
    fingers: list[Conditions]
    pair: Callable[[Second], Pair | None]
    most_arms: float
    edges: tuple[int, ...]


def fill(evidence: Evidence) -> None:
    """Measure both quantities and say what this is."""
    evidence.faked("finger", "red and infrared light, computed from recorded pulses of three persons")
    evidence.faked("oximeter's sensor", "none: the counts go straight into the algorithm")
    evidence.real("oximeter's algorithm", "firmware/sensors/oximetry.py itself, run by Python")
    evidence.digest("firmware/sensors/oximetry.py", of_file(ROOT / "firmware/sensors/oximetry.py"))
    evidence.note(
        f"{_MODULE} measures the oximeter's algorithm alone. The light is synthetic: it shows how well "
        "ratio and beats are found, and nothing about the calibration curve. Accuracy on people takes "
        "controlled desaturation (ISO 80601-2-61, annex EE)."
    )
    evidence.note(
        "Values of one finger are not independent: uncertainties count fingers, which have the pulses of "
        f"{_PERSONS} persons: those of others may do worse. The limit of the pulse, {_PULSE_ARMS:g}/min, is "
        "what finger oximeters usually claim; the standard has none."
    )
    for one in (_SPO2, _PULSE):
        _measure(evidence, one)


def _spo2(one: Second) -> Pair | None:
    return None if one.spo2 is None else (one.true_spo2, one.spo2)


def _pulse(one: Second) -> Pair | None:
    return None if one.pulse is None else (one.true_pulse, one.pulse)


_SPO2 = _Quantity(
    "SpO2",
    "%",
    f"{_MODULE}::spo2_agrees_from_70_to_100_percent",
    [Conditions(spo2=70 + 2.5 * step, irregular=0.03) for step in range(13)],
    _spo2,
    _SPO2_ARMS,
    (70, 80, 90, 100),
)
_PULSE = _Quantity(
    "pulse",
    "/min",
    f"{_MODULE}::pulse_agrees_from_30_to_210_a_minute",
    [Conditions(rate=rate, irregular=0.03) for rate in range(30, 211, 15)],
    _pulse,
    _PULSE_ARMS,
    (25, 60, 100, 150, 200, 250),
)


def _measure(evidence: Evidence, one: _Quantity) -> None:
    began = perf_counter()
    told = list(_told(one, evidence.seed))
    pairs = [pair for pair in map(one.pair, told) if pair is not None]
    fingers, part = len(one.fingers) * _PERSONS, 100 * len(pairs) / len(told)
    given = Measurement(f"{one.name}, seconds with a value", part, "%", samples=len(told))
    evidence.measure(given, one.test)
    overall = accuracy(one.name, one.unit, pairs, _REFERENCE, independent=fingers, arms=one.most_arms)
    for measurement in (*overall, *_by_bins(one, pairs)):
        evidence.measure(measurement, one.test)
    title = f"{one.name}, {len(pairs)} values of {fingers} fingers"
    evidence.figure(BlandAltman(title, one.unit, tuple(pairs)))
    evidence.attach(f"{one.name.lower()}.csv", _csv(pairs))
    is_beyond = worst([each.judgement for each in overall]) is Judgement.BEYOND
    why = f"Arms is more than {one.most_arms:g} {one.unit}" if is_beyond else ""
    evidence.outcome(one.test, Result.FAILED if is_beyond else Result.PASSED, perf_counter() - began, why)


def _told(one: _Quantity, seed: int) -> Iterator[Second]:
    for index, finger in enumerate(one.fingers):
        for person in range(_PERSONS):  # a finger's seed also says whose pulse it has
            yield from seconds(finger, _PERSONS * (seed * 1000 + index) + person)


def _by_bins(one: _Quantity, pairs: list[Pair]) -> Iterator[Measurement]:
    for low, high, agreement in binned(pairs, one.edges):
        if agreement:
            for what, value in (("bias", agreement.bias), ("Arms", agreement.arms)):
                name = f"{one.name} {low:g} to {high:g}, {what}"
                yield Measurement(name, value, one.unit, samples=agreement.count)


def _csv(pairs: list[Pair]) -> bytes:
    rows = (f"{true:.3f},{measured:.1f}" for true, measured in pairs)
    return "\n".join(("true,measured", *rows, "")).encode()
