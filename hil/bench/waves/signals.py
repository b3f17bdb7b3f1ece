"""What the monitors measure: an ECG at 500 Hz and a pleth at 100 Hz for each bed, as files of int16.

The pleth is that of a simulated patient, a living person's recording (hil/sims/recordings). No recording of
an ECG comes with the project: the ECG is synthetic, Gaussian waves around the same patient's beats in the way
of McSharry PE, Clifford GD, Tarassenko L, Smith LA (2003), A Dynamical Model for Generating Synthetic
Electrocardiogram Signals, IEEE Trans Biomed Eng 50(3):289-294, with the noise, hum and wander that electrodes
add. A folder with the MIT-BIH record 100 (physionet.org, `100.dat`) gives a real one in its place.
"""

import math
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hil.sims.patient import Patient

ECG, PLETH = "ecg_ii", "pleth"
RATES_HZ = {ECG: 500, PLETH: 100}
CHUNK_S = 0.25
"""What a monitor gives at once, and as long as a wave may wait for company."""
_PLETH_STEPS = 4000
_ECG_STEPS_PER_MV = 400
_NOISE_MV, _HUM_MV, _WANDER_MV = 0.012, 0.005, 0.1
_HUM_HZ, _BREATH_HZ = 50.0, 0.25
_SMOOTHED = 3
"""Samples over which the noise is averaged: a monitor's filter lets through some 150 Hz of it."""
_RECORD = "100.dat"
_RECORD_RATE_HZ = 360


@dataclass(frozen=True, slots=True)
class _Wave:
    """One wave of a beat: its middle and width in seconds from the R peak, its height in mV."""

    at_s: float
    width_s: float
    height_mv: float

    def around(self, time_s: float) -> float:
        return self.height_mv * math.exp(-(((time_s - self.at_s) / self.width_s) ** 2) / 2)


_BEAT = (
    _Wave(-0.17, 0.022, 0.12),
    _Wave(-0.027, 0.009, -0.12),
    _Wave(0.0, 0.011, 1.1),
    _Wave(0.029, 0.009, -0.22),
    _Wave(0.25, 0.045, 0.3),
)
_REACH_S = 0.45


def chunk_samples(metric: str) -> int:
    """Samples of one chunk."""
    return round(RATES_HZ[metric] * CHUNK_S)


def signal(metric: str, seed: int, seconds: float, records: Path | None = None) -> bytes:
    """`seconds` of the metric of the patient `seed`: int16, little-endian. Raises OSError."""
    count = round(seconds / CHUNK_S) * chunk_samples(metric)
    if metric == PLETH:
        patient = Patient(seed)
        times = (i / RATES_HZ[PLETH] for i in range(count))
        return packed([round(patient.pleth(time) * _PLETH_STEPS) for time in times])
    return packed(_recorded(records, seed, count) if records else _synthetic(seed, count))


def packed(samples: Sequence[int]) -> bytes:
    """int16, little-endian."""
    return struct.pack(f"<{len(samples)}h", *samples)


def _synthetic(seed: int, count: int) -> list[int]:
    draw, rate = random.Random(seed), RATES_HZ[ECG]
    beats = Patient(seed).beats(0, count / rate + 1)
    heart = _heart(beats, count)
    noise = [draw.gauss(0, _NOISE_MV * math.sqrt(_SMOOTHED)) for _ in range(count + _SMOOTHED)]
    values: list[int] = []
    for i in range(count):
        time = i / rate
        hum = _HUM_MV * math.sin(2 * math.pi * _HUM_HZ * time)
        wander = _WANDER_MV * math.sin(2 * math.pi * _BREATH_HZ * time + seed)
        millivolts = heart[i] + hum + wander + sum(noise[i : i + _SMOOTHED]) / _SMOOTHED
        values.append(round(millivolts * _ECG_STEPS_PER_MV))
    return values


def _heart(beats: Sequence[float], count: int) -> list[float]:
    """The ECG of these beats without anything around it, mV."""
    values, rate = [0.0] * count, RATES_HZ[ECG]
    for beat in beats:
        first, last = (int((beat + side * _REACH_S) * rate) for side in (-1, 1))
        for i in range(max(0, first), min(count, last)):
            values[i] += sum(wave.around(i / rate - beat) for wave in _BEAT)
    return values


def _recorded(folder: Path, seed: int, count: int) -> list[int]:
    """A channel of the record from another place for each seed, played as if it had been sampled at 500 Hz.

    It runs so 1.4 times as fast; interpolated samples would be easier to compress than measured ones.
    """
    channel = list(_twelve_bits((folder / _RECORD).read_bytes()))[seed % 2 :: 2]
    start = seed * 20 * _RECORD_RATE_HZ
    return [channel[(start + i) % len(channel)] for i in range(count)]


def _twelve_bits(data: bytes) -> Iterator[int]:
    """Format 212 (physionet.org, signal(5)): two samples of 12 bits, two's complement, in three bytes."""
    for low, middle, high in struct.iter_unpack("3B", data[: len(data) // 3 * 3]):
        for sample in (low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4):
            yield sample - 4096 if sample > 2047 else sample
