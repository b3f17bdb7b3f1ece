"""The leads of an electrocardiogram in a DICOM file (PS3.3, C.10.9 Waveform), in millivolts."""

import io
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.waveforms.numpy_handler import multiplex_array

from controller.imaging.plugins.ecg.beats import Signal
from controller.imaging.plugins.plugin import BadGiven

PER_MV: Final = {"mV": 1.0, "uV": 1e-3, "V": 1e3, "nV": 1e-6}
"""Units (UCUM) of an ECG, in millivolts."""
MOST_SAMPLES: Final = 50_000_000
_SLOWEST_HZ: Final = 80.0
"""Slower ones have no QRS complexes to be found."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Leads of the same time, by their names."""

    leads: dict[str, Signal]
    rate_hz: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return min(map(len, self.leads.values())) / self.rate_hz


def read_recording(content: bytes) -> Recording:
    """The longest group of channels that is a rhythm. Raises BadGiven."""
    try:
        data = dcmread(io.BytesIO(content))
        groups = list(data.get("WaveformSequence") or ())
        found = [one for n, group in enumerate(groups) if (one := _recording(data, group, n)) is not None]
    except (InvalidDicomError, ValueError, TypeError, AttributeError, LookupError, EOFError) as error:
        raise BadGiven(f"expected a DICOM file with a waveform: {error}") from error
    if not found:
        raise BadGiven(f"expected leads in volts at {_SLOWEST_HZ:.0f} Hz or more, found none")
    return max(found, key=lambda one: one.seconds)


def _recording(data: Dataset, group: Dataset, number: int) -> Recording | None:
    rate, channels = float(group.SamplingFrequency), int(group.NumberOfWaveformChannels)
    if rate < _SLOWEST_HZ or channels * int(group.NumberOfWaveformSamples) > MOST_SAMPLES:
        return None
    samples: Any = multiplex_array(data, number, as_raw=False)
    leads = dict[str, Signal]()
    for n, channel in enumerate(group.ChannelDefinitionSequence):
        if (scale := _scale(channel)) is not None:
            leads[_name(channel, n)] = np.asarray(samples[:, n], dtype=np.float64) * scale
    return Recording(leads, rate) if leads else None


def _scale(channel: Dataset) -> float | None:
    units = channel.get("ChannelSensitivityUnitsSequence")
    return PER_MV.get(str(units[0].CodeValue)) if units else None


def _name(channel: Dataset, number: int) -> str:
    if label := str(channel.get("ChannelLabel", "")).strip():
        return label
    sources = channel.get("ChannelSourceSequence")
    return str(sources[0].get("CodeMeaning", "")) if sources else f"channel {number + 1}"
