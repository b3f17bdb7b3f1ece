"""Families of samples in the words of Prometheus: names begin with `wardlink_`, units are base units."""

from collections.abc import Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from devices.model.histogram import Histogram

Samples = Mapping[tuple[str, ...], float]
"""By the values of the labels."""
Values = dict[tuple[str, ...], float]
"""The same, while it is made."""


def gauge(name: str, meaning: str, values: Samples | float, labels: Iterable[str] = ()) -> Metric:
    """What goes up and down; a number alone has no labels."""
    family = GaugeMetricFamily(f"wardlink_{name}", meaning, labels=tuple(labels))
    for key, value in _by_labels(values).items():
        family.add_metric(key, value)
    return family


def counter(name: str, meaning: str, values: Samples | float, labels: Iterable[str] = ()) -> Metric:
    """What only goes up, from 0 at a start at the earliest. `_total` is appended to the name."""
    family = CounterMetricFamily(f"wardlink_{name}", meaning, labels=tuple(labels))
    for key, value in _by_labels(values).items():
        family.add_metric(key, value)
    return family


def histogram(
    name: str, meaning: str, values: Mapping[tuple[str, ...], Histogram], labels: Iterable[str] = ()
) -> Metric:
    """How often what was how long, seconds."""
    family = HistogramMetricFamily(f"wardlink_{name}", meaning, labels=tuple(labels))
    for key, held in values.items():
        family.add_metric(key, held.buckets(), held.sum)
    return family


def _by_labels(values: Samples | float) -> Samples:
    return values if isinstance(values, Mapping) else {(): values}
