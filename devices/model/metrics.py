"""The table of everything that can be measured: names, codes, units, ranges, age limits.

One row of `metrics.csv` a metric. Its `number` is its short name on the wire, frozen for ever; `mdc_*`
are IEEE 11073-10101 (empty where it has no term), `loinc` is LOINC, `ucum` the unit. `mdc_verified_in`,
`loinc_verified_in` and `status` say where a code was checked. `stale_after_s` is ours: three to ten times the
typical interval, after which a board may no longer show the value as current.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources

from devices.errors import UnknownMetric

_OF_PLACES = frozenset({120, 121, *range(260, 283)})
"""The numbers of what is measured of a room or of a vehicle."""
_FLOWING = ("1/s", "0.1-1/s", "per breath", "1/5 s", "1/10 s")
"""Typical rates of what is measured for as long as the sensor is on."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table. Ranges are in `unit`; None is "no limit known"."""

    number: int
    name: str
    mdc_refid: str | None
    mdc_code: int | None
    loinc: str | None
    unit: str
    physio_low: Decimal | None
    physio_high: Decimal | None
    reject_low: Decimal
    reject_high: Decimal
    typical_rate: str
    stale_after_s: int
    note: str
    status: str

    @property
    def is_waveform(self) -> bool:
        """Whether it is sampled so often (Hz) that it travels as a waveform."""
        return self.typical_rate.endswith("Hz")

    @property
    def is_continuous(self) -> bool:
        """Whether values come by themselves while the sensor is on, and so may stop.

        Not of what is measured, sampled or set now and then, of waveforms, of a room or a vehicle.
        """
        return self.typical_rate in _FLOWING and self.is_of_patient

    @property
    def is_of_patient(self) -> bool:
        """Whether it says something about a patient: not of a room, and not of a vehicle."""
        return self.number not in _OF_PLACES

    def is_possible(self, value: Decimal) -> bool:
        """Whether `value` is inside the reject range: outside it no sensor can mean it."""
        return self.reject_low <= value <= self.reject_high

    def is_plausible(self, value: Decimal) -> bool:
        """Whether `value` is inside the physiological range."""
        above = self.physio_low is None or value >= self.physio_low
        return above and (self.physio_high is None or value <= self.physio_high)


def _limit(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _metric(row: dict[str, str]) -> Metric:
    return Metric(
        number=int(row["number"]),
        name=row["short_name"],
        mdc_refid=row["mdc_refid"] or None,
        mdc_code=int(row["mdc_code"]) if row["mdc_code"] else None,
        loinc=row["loinc"] or None,
        unit=row["ucum"],
        physio_low=_limit(row["physio_low"]),
        physio_high=_limit(row["physio_high"]),
        reject_low=Decimal(row["reject_low"]),
        reject_high=Decimal(row["reject_high"]),
        typical_rate=row["typical_rate"],
        stale_after_s=int(row["stale_after_s"]),
        note=row["note"],
        status=row["status"],
    )


def _load() -> tuple[Metric, ...]:
    text = resources.files("devices.model").joinpath("metrics.csv").read_text(encoding="utf-8")
    return tuple(_metric(row) for row in csv.DictReader(text.splitlines()))


METRICS: dict[str, Metric] = {metric.name: metric for metric in _load()}
_BY_NUMBER: dict[int, Metric] = {metric.number: metric for metric in METRICS.values()}


def by_name(name: str) -> Metric:
    """The metric called `name`. Raises UnknownMetric."""
    try:
        return METRICS[name]
    except KeyError:
        raise UnknownMetric(
            f"no metric is called {name!r}; devices/model/metrics.csv has the names"
        ) from None


def by_number(number: int) -> Metric:
    """The metric with this number on the wire. Raises UnknownMetric."""
    try:
        return _BY_NUMBER[number]
    except KeyError:
        raise UnknownMetric(
            f"no metric has the number {number}: the sender may be newer than this software; update it"
        ) from None
