"""An electrocardiogram of twelve leads, 10 s at 500 Hz, as a waveform object (PS3.3, A.34.3).

Each wave of a beat is a Gaussian whose size in a lead is the projection of a vector on it; limb leads obey
Einthoven (III = II - I) and Goldberger.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from pydicom import Dataset
from pydicom.uid import TwelveLeadECGWaveformStorage

from hil.sims.imaging.objects import Examination, Kind, Pixels, code, new_object, to_file

KIND: Final = Kind(TwelveLeadECGWaveformStorage, "ECG", "ECG, twelve leads", 1, "HEART", "Rest, 10 s")
RATE_HZ, SECONDS = 500, 10
_UV_PER_BIT: Final = 2.5
LEADS: Final = {
    "I": ("5.6.3-9-1", "Lead I"), "II": ("5.6.3-9-2", "Lead II"), "III": ("5.6.3-9-61", "Lead III"),
    "aVR": ("5.6.3-9-62", "Lead aVR"), "aVL": ("5.6.3-9-63", "Lead aVL"), "aVF": ("5.6.3-9-64", "Lead aVF"),
    "V1": ("5.6.3-9-3", "Lead V1"), "V2": ("5.6.3-9-4", "Lead V2"), "V3": ("5.6.3-9-5", "Lead V3"),
    "V4": ("5.6.3-9-6", "Lead V4"), "V5": ("5.6.3-9-7", "Lead V5"), "V6": ("5.6.3-9-8", "Lead V6"),
}  # fmt: skip
"""CID 3001, SCP-ECG's codes."""
_MEASURED: Final = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
_WAVES: Final = {
    "P": (-0.17, 0.022, (80, 130, 50, 60, 60, 60, 60, 60)),
    "Q": (-0.028, 0.009, (-60, -80, 0, 0, 0, -40, -70, -80)),
    "R": (0.0, 0.012, (700, 1100, 220, 450, 800, 1500, 1350, 1000)),
    "S": (0.03, 0.011, (-120, -180, -900, -1300, -800, -350, -150, -60)),
    "T": (0.27, 0.05, (180, 300, -60, 350, 420, 400, 300, 220)),
}
"""When after the R wave (s), how wide (s), how large (µV) in each of _MEASURED."""


def twelve_leads(
    examination: Examination, beats_per_min: float = 72.0, *, elevation_uv: float = 0.0
) -> bytes:
    """One file. `elevation_uv` lifts the ST segment of II, III and aVF, as an inferior infarction does."""
    leads = signals(examination, beats_per_min, elevation_uv)
    data = new_object(examination, KIND)
    del data.AcquisitionDate, data.AcquisitionTime  # it has a date and time in one element
    data.AcquisitionContextSequence = []
    group = Dataset()
    group.WaveformOriginality = "ORIGINAL"
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = len(LEADS), RATE_HZ * SECONDS
    group.SamplingFrequency, group.MultiplexGroupLabel = RATE_HZ, "RHYTHM"
    group.ChannelDefinitionSequence = [_channel(lead) for lead in LEADS]
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    samples = np.stack([leads[lead] for lead in LEADS], axis=1) / _UV_PER_BIT
    group.WaveformData = np.round(samples).astype("<i2").tobytes()
    data.WaveformSequence = [group]
    return to_file(data)


def signals(examination: Examination, beats_per_min: float, elevation_uv: float) -> Mapping[str, Pixels]:
    """Microvolts by lead."""
    time = np.arange(RATE_HZ * SECONDS) / RATE_HZ
    noise = examination.noise("ecg")
    beats = np.cumsum(
        60 / beats_per_min * (1 + noise.normal(0, 0.02, round(SECONDS * beats_per_min / 60) + 2))
    )
    leads = {name: noise.normal(0, 8, time.size) for name in _MEASURED}
    for beat in beats - 0.6:
        for after, width, sizes in _WAVES.values():
            shape = np.exp(-(((time - beat - after) / width) ** 2) / 2)
            for name, size in zip(_MEASURED, sizes, strict=True):
                leads[name] += size * shape
        leads["II"] += elevation_uv * np.exp(-(((time - beat - 0.13) / 0.06) ** 2) / 2)
    one, two = leads["I"], leads["II"]
    derived = {"III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    return {name: {**leads, **derived}[name] for name in LEADS}


def _channel(lead: str) -> Dataset:
    value, meaning = LEADS[lead]
    channel = Dataset()
    channel.ChannelLabel = lead
    channel.ChannelSourceSequence = [code(value, "SCPECG", meaning, "1.3")]
    channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor = _UV_PER_BIT, 1
    channel.ChannelSensitivityUnitsSequence = [code("uV", "UCUM", "microvolt", "1.4")]
    channel.ChannelBaseline, channel.ChannelSampleSkew, channel.WaveformBitsStored = 0, 0, 16
    channel.FilterLowFrequency, channel.FilterHighFrequency = 0.05, 150
    return channel
