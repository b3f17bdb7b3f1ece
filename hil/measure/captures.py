"""Two captures of one device, the golden one and what arrived, held against each other: its waveforms.

Both are decoded by the device's own codec. Times of a capture count from its beginning, so a delay here is
between the two as they were begun, and says something only where both began at once.
"""

from collections.abc import Iterator
from typing import NamedTuple

from devices.capture import decoded
from devices.model.observation import NO_SAMPLE, Waveform
from devices.profiles import Profile
from hil.errors import BadMeasurement
from hil.measure.waveform import Fidelity, fidelity


class Compared(NamedTuple):
    """A waveform of both."""

    metric: str
    fidelity: Fidelity


def compared(profile: Profile, golden: bytes, arrived: bytes, most_delay_s: float) -> Iterator[Compared]:
    """Each waveform of the golden capture. Raises BadMeasurement, and BadCapture for what is none."""
    wanted, came = _waves(profile, golden), _waves(profile, arrived)
    if not wanted:
        raise BadMeasurement(f"the golden capture has no waveform that {profile.name} knows")
    for (metric, rate_mhz), samples in wanted.items():
        numbers = sorted(dict(samples))
        if len(numbers) != numbers[-1] - numbers[0] + 1:
            raise BadMeasurement(f"{metric}: the golden capture has gaps: take one that is whole")
        values, first = dict(samples), numbers[0]
        others = [(number - first, value) for number, value in came.get((metric, rate_mhz), [])]
        found = fidelity([values[number] for number in numbers], others, rate_mhz / 1000, most_delay_s)
        yield Compared(metric, found)


def _waves(profile: Profile, content: bytes) -> dict[tuple[str, int], list[tuple[int, float]]]:
    """By metric and rate: each sample that was given, with its number by its time."""
    found = dict[tuple[str, int], list[tuple[int, float]]]()
    for said in decoded(profile, content):
        if isinstance(said, Waveform):
            first = round(said.at * said.rate_mhz / 1e12)
            values = enumerate(memoryview(said.samples).cast("h"), first)
            found.setdefault((said.metric, said.rate_mhz), []).extend(
                (number, float(one * said.scale + said.offset)) for number, one in values if one != NO_SAMPLE
            )
    return found
