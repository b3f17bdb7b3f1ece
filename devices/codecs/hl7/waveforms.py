"""Waveforms in HL7 (IHE WCM): an OBX of numbers, and beside it OBX that say its rate, resolution and marks.

    OBX|1|NA|131329^MDC_ECG_ELEC_POTL_I^MDC|1.7.6.131329|80^88^92
    OBX|2|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.7.6.131329.1|500|264640^MDC_DIM_HZ^MDC
    OBX|3|NM|2327^MDC_ATTR_NU_MSMT_RES^MDC|1.7.6.131329.2|0.001221|266418^MDC_DIM_MILLI_VOLT^MDC
    OBX|4|NM|196660^MDC_EVT_INOP^MDC|1.7.6.131329.3|32767

A sample is worth sample × resolution in the resolution's unit, or is in its own unit (OBX-6). Without a rate,
or without a unit where the metric has one, there is no waveform. The last sample is taken as of the arrival.
The attributes' numbers differ between devices, so their names decide; they belong to the OBX whose OBX-4
theirs goes on from, or, where that is not told, to the one before them.
Source: IHE PCD WCM supplement; messages of Mindray eGateway, XH80X and sllmdilab's T5 in public repositories.
"""

import re
import struct
from dataclasses import dataclass, field
from decimal import Decimal

from devices.codecs.hl7.message import Segment
from devices.codecs.hl7.terms import in_metric_unit, metric_of, unit_of
from devices.model.metrics import Metric
from devices.model.observation import NO_SAMPLE, Instant, Waveform

_ARRAYS = frozenset({"NA", "MA"})
_RATE, _RESOLUTION, _NO_SAMPLE = "MDC_ATTR_SAMP_RATE", "MDC_ATTR_NU_MSMT_RES", "MDC_EVT_INOP"
_ATTRIBUTES = frozenset({_RATE, _RESOLUTION, _NO_SAMPLE, "MDC_ATTR_DATA_RANGE"})
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
_LONGEST = 20_000
"""Samples of one OBX."""
_WIDEST = 32_767


@dataclass(slots=True)
class _Signal:
    obx: Segment
    attributes: dict[str, Segment] = field(default_factory=dict[str, Segment])

    def number(self, name: str) -> Decimal | None:
        """The number that an attribute tells."""
        obx = self.attributes.get(name)
        text = obx.component(5, 1) if obx else ""
        return Decimal(text) if _NUMBER.fullmatch(text) else None


def is_waveform(obx: Segment) -> bool:
    """Whether an OBX holds samples."""
    return obx.component(2, 1).upper() in _ARRAYS


def waveforms(group: list[Segment], now: Instant) -> tuple[list[Waveform], list[Segment]]:
    """The waveforms of a group of OBX that can be told, and the OBX that are left."""
    signals: list[_Signal] = []
    rest: list[Segment] = []
    for obx in group:
        if obx.name != "OBX":
            continue
        if is_waveform(obx):
            signals.append(_Signal(obx))
        elif obx.component(3, 2) in _ATTRIBUTES and signals:
            _owner(signals, obx).attributes.setdefault(obx.component(3, 2), obx)
        else:
            rest.append(obx)
    found = [(signal, _waveform(signal, now)) for signal in signals]
    rest += [signal.obx for signal, wave in found if wave is None]
    return [wave for _, wave in found if wave is not None], rest


def _owner(signals: list[_Signal], attribute: Segment) -> _Signal:
    path = attribute.component(4, 1)
    owners = (one for one in signals if path.startswith(f"{one.obx.component(4, 1)}."))
    return next(owners, signals[-1])


def _waveform(signal: _Signal, now: Instant) -> Waveform | None:
    metric, rate = metric_of(signal.obx), signal.number(_RATE)
    texts = [text.strip() for text in signal.obx.components(5)]
    if metric is None or not metric.is_waveform or rate is None or not 0 < rate <= 10_000:
        return None
    if not any(texts) or len(texts) > _LONGEST:
        return None
    none = signal.number(_NO_SAMPLE)
    values = [Decimal(text) if _NUMBER.fullmatch(text) else None for text in texts]
    values = [None if value is None or value == none else value for value in values]
    scale = _scale(signal, metric)
    samples = None if scale is None else _samples(values, scale)
    if samples is None:
        return None
    rate_mhz = int(rate * 1000)
    first = Instant(now - (len(texts) - 1) * 1_000_000_000_000 // rate_mhz)
    packed = struct.pack(f"<{len(texts)}h", *samples[0])
    return Waveform(metric.name, first, rate_mhz, packed, samples[1])


def _scale(signal: _Signal, metric: Metric) -> Decimal | None:
    """What a sample of 1 is worth in the metric's unit; None if that is not told."""
    resolution = signal.number(_RESOLUTION)
    unit = unit_of(signal.obx)
    if metric.unit == "1":
        return Decimal(1)
    if resolution is not None and unit in ("", "1"):
        return in_metric_unit(resolution, unit_of(signal.attributes[_RESOLUTION]), metric)
    return in_metric_unit(Decimal(1), unit, metric) if unit else None


def _samples(values: list[Decimal | None], scale: Decimal) -> tuple[list[int], Decimal] | None:
    """The samples as int16 and their scale: finer than the numbers as told where those are no integers."""
    told = [value for value in values if value is not None]
    exponents = [value.as_tuple().exponent for value in told]
    digits = max((-one for one in exponents if isinstance(one, int) and one < 0), default=0)
    widest = max(map(abs, told), default=Decimal(0))
    while digits and widest * 10**digits > _WIDEST:
        digits -= 1
    if widest * 10**digits > _WIDEST:
        return None
    finer = Decimal(10) ** digits
    return [NO_SAMPLE if value is None else round(value * finer) for value in values], scale / finer
