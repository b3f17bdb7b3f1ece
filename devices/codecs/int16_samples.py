"""Samples of any size as the int16 of a Waveform.

They are kept as they are where they fit, else less the middle of their range; only a range wider than int16
is told in larger steps, rounded.
"""

import struct
from collections.abc import Sequence
from decimal import Decimal

from devices.codecs.sample_clock import Span
from devices.model.observation import NO_SAMPLE, Waveform

_WIDEST = 65_534
"""The widest range of numbers that fits int16 beside NO_SAMPLE."""
_ONE = Decimal(1)


def waveform(metric: str, values: Sequence[int | None], span: Span, unit: Decimal = _ONE) -> Waveform:
    """`values`, in steps of `unit` in the metric's own unit, taken at `span`; None: no sample."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    middle = 0 if max(-low, high) < -NO_SAMPLE else (low + high) // 2
    scale = max(1, -((low - high) // _WIDEST))
    samples = [NO_SAMPLE if value is None else round((value - middle) / scale) for value in values]
    packed = struct.pack(f"<{len(samples)}h", *samples)
    return Waveform(metric, span.at, span.rate_mhz, packed, scale * unit, middle * unit)
