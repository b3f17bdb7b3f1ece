"""What the metric table says of a reading: impossible, implausible, or nothing.

reading, refused = judged(reading)
"""

from dataclasses import replace

from devices.model.metrics import METRICS, Metric
from devices.model.observation import DeviceEvent, EventKind, NoValue, Quality, Reading


def judged(reading: Reading) -> tuple[Reading | None, DeviceEvent | None]:
    """The reading as it may be used, and the REJECTED event that keeps what was taken from it as evidence.

    A value outside the metric's reject range is no value; one outside the physiological range is IMPLAUSIBLE.
    Of a metric that the table does not have there is only the event.
    """
    metric = METRICS.get(reading.metric)
    if metric is None:
        detail: dict[str, str | int] = {"metric": reading.metric, "why": "unknown-metric"}
        return None, DeviceEvent(EventKind.REJECTED, reading.at, detail)
    if reading.value is None:
        return reading, None
    if not (reading.value.is_finite() and metric.is_possible(reading.value)):
        return replace(reading, value=None, reason=NoValue.REJECTED), _rejected(metric, reading)
    if metric.is_plausible(reading.value):
        return reading, None
    return replace(reading, quality=reading.quality | Quality.IMPLAUSIBLE), None


def _rejected(metric: Metric, reading: Reading) -> DeviceEvent:
    detail: dict[str, str | int] = {"metric": metric.name, "value": str(reading.value)}
    return DeviceEvent(EventKind.REJECTED, reading.at, detail)
