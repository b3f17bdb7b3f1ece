"""What monitors have sent of one lead, as the queue gives it to the plug-in: JSON, samples in base64.

{"metric": "ecg_ii", "rate_hz": 250.0, "runs": [{"at_s": 0.0, "scale": 0.005, "offset": 0.0, "samples": "…"}]}
"""

import base64
import json
from typing import Final

import numpy as np

from controller.imaging.plugins.ecg.waveform import Recording
from controller.imaging.plugins.plugin import BadGiven

MISSING: Final = -32768
"""Of a sample that was not measured (controller/history/reading.py)."""
LONGEST_S: Final = 600.0


def read_strip(content: bytes) -> Recording:
    """One lead, NaN where nothing was sent. Raises BadGiven."""
    try:
        told = json.loads(content)
        rate, metric = float(told["rate_hz"]), str(told["metric"])
        runs = [
            (float(run["at_s"]), float(run["scale"]), float(run["offset"]), base64.b64decode(run["samples"]))
            for run in told["runs"]
        ]
        end_s = max(at_s + len(samples) / 2 / rate for at_s, _, _, samples in runs)
        if not (0 < end_s <= LONGEST_S and all(at_s >= 0 for at_s, *_ in runs)):
            raise ValueError(f"expected at most {LONGEST_S:.0f} s, got {end_s:.0f} s")
        signal = np.full(round(end_s * rate) + 1, np.nan)
        for at_s, scale, offset, samples in runs:
            values = np.frombuffer(samples, dtype="<i2")
            start = round(at_s * rate)
            signal[start : start + values.size] = np.where(values == MISSING, np.nan, values * scale + offset)
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise BadGiven(f"expected runs of samples in JSON: {error}") from error
    return Recording({metric.removeprefix("ecg_").upper(): signal}, rate)
