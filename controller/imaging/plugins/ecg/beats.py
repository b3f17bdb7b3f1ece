"""Heart beats in an electrocardiogram that lies there as a whole: one lead or several of the same time.

beats = find_beats([lead_ii, v5], rate_hz=500)      # sample numbers, ascending

Pan J, Tompkins WJ (1985), A Real-Time QRS Detection Algorithm, IEEE Trans Biomed Eng 32(3): band, slope,
power, integration, two adaptive thresholds, search back. Here the whole signal is known: filters have no
delay. Leads vote together: their powers are averaged, each in its own usual size.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float64]
_LOW_HZ: Final = (3.0, 6.0)
_HIGH_HZ: Final = (18.0, 30.0)
"""Nothing below the first, all above the second; all below the first, nothing above the second."""
_INTEGRATED_S: Final = 0.12
_REFRACTORY_S: Final = 0.22
_T_WAVE_S: Final = 0.36
"""Nearer than this to a beat, half its slope is needed: else it is its T wave."""
_MISSED: Final = 1.66
"""Times the usual distance without a beat: look again with half the threshold."""
_LEARNED: Final = 0.125
_ALIKE_S: Final = 8.0
"""Over how long a lead's usual size is found."""
LEAST_S: Final = 2.0
"""Shorter signals have no usual size."""


def find_beats(leads: Sequence[Signal], rate_hz: float) -> list[int]:
    """The sample numbers of the beats. Leads of one length, in any unit; what is missing is NaN.

    None in a signal shorter than LEAST_S, and none where all is flat.
    """
    usable = [one for one in leads if one.size >= LEAST_S * rate_hz and np.ptp(np.nan_to_num(one)) > 0]
    if not usable:
        return []
    roots = [np.sqrt(_in_usual_size(_power(one, rate_hz), rate_hz)) for one in usable]
    power = np.mean(roots, axis=0) ** 2  # a root: one lead full of noise does not outvote the others
    places = _peaks(power, rate_hz)
    return _chosen(places, power[places], rate_hz)


def _power(signal: Signal, rate_hz: float) -> Signal:
    """How steep it is in the band of QRS complexes, as wide as one is."""
    known = np.isfinite(signal)
    slope = np.gradient(in_band(signal, rate_hz)) * rate_hz
    slope[~known] = 0
    return np.sqrt(_mean_around(slope * slope, _INTEGRATED_S * rate_hz))


def in_band(signal: Signal, rate_hz: float) -> Signal:
    """What of `signal` is in the band of QRS complexes, without delay; across what is missing, a line."""
    known, edge = np.isfinite(signal), round(rate_hz)
    if not known.all():
        signal = np.interp(np.arange(signal.size), np.flatnonzero(known), signal[known])
    padded = np.pad(signal - np.median(signal), edge, mode="reflect")
    frequencies = np.asarray(np.fft.rfftfreq(padded.size, 1 / rate_hz), dtype=np.float64)
    passed = _ramp(frequencies, *_LOW_HZ) * (1 - _ramp(frequencies, *_HIGH_HZ))
    return np.fft.irfft(np.fft.rfft(padded) * passed, padded.size)[edge : edge + signal.size]


def _ramp(values: Signal, start: float, end: float) -> Signal:
    """From 0 at `start` to 1 at `end`, without a corner."""
    along = np.clip((values - start) / (end - start), 0, 1)
    return along * along * (3 - 2 * along)


def _mean_around(values: Signal, width: float) -> Signal:
    half = max(1, round(width / 2))
    total = np.concatenate(([0.0], np.cumsum(np.pad(values, half, mode="edge"))))
    return np.maximum(total[2 * half :] - total[: -2 * half], 0)[: values.size] / (2 * half)


def _in_usual_size(power: Signal, rate_hz: float) -> Signal:
    """1 is what beats around have: the median of the maxima of the seconds near it."""
    second = round(rate_hz)
    count = -(-power.size // second)
    tops = np.pad(power, (0, count * second - power.size)).reshape(count, second).max(axis=1)
    half = round(_ALIKE_S / 2)
    padded = np.pad(tops, half, mode="reflect" if count > half else "edge")
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1)
    least = np.median(tops) / 20 or np.max(tops)
    scale = np.interp(np.arange(power.size), (np.arange(count) + 0.5) * second, np.maximum(usual, least))
    return power / scale


def _peaks(power: Signal, rate_hz: float) -> npt.NDArray[np.intp]:
    """Where it is higher than anything as near as two beats cannot be."""
    inner = np.flatnonzero((power[1:-1] >= power[:-2]) & (power[1:-1] > power[2:])) + 1
    refractory, kept = _REFRACTORY_S * rate_hz, list[int]()
    for place in inner[power[inner] > 0.05]:
        if kept and place - kept[-1] < refractory:
            if power[place] > power[kept[-1]]:
                kept[-1] = int(place)
        else:
            kept.append(int(place))
    return np.array(kept, dtype=np.intp)


def _chosen(places: npt.NDArray[np.intp], heights: Signal, rate_hz: float) -> list[int]:
    """Those that are beats: higher than a threshold between what beats and what noise were before."""
    if places.size == 0:
        return []
    beat, noise = float(np.median(heights[heights >= np.median(heights)])), 0.1
    found, skipped, distances = list[int](), list[int](), list[float]()
    for n, (place, height) in enumerate(zip(places, heights, strict=True)):
        threshold = noise + 0.3 * (beat - noise)
        usual = float(np.median(distances[-8:])) if distances else rate_hz
        if skipped and place - (places[found[-1]] if found else 0) > _MISSED * usual:
            best = max(skipped, key=lambda one: heights[one])
            if heights[best] > threshold / 2:
                _take(best, places, found, distances)
                beat += 0.25 * (heights[best] - beat)
                skipped = [one for one in skipped if one > best]
        needed = threshold
        if found and place - places[found[-1]] < _T_WAVE_S * rate_hz:
            needed = max(threshold, heights[found[-1]] / 2)
        if height > needed:
            _take(n, places, found, distances)
            beat += _LEARNED * (height - beat)
            skipped = []
        else:
            noise += _LEARNED * (height - noise)
            skipped.append(n)
    return [int(places[n]) for n in found]


def _take(n: int, places: npt.NDArray[np.intp], found: list[int], distances: list[float]) -> None:
    if found:
        distances.append(float(places[n] - places[found[-1]]))
    found.append(n)
