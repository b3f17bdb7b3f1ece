"""From which metric each parameter of NEWS2 is taken, and what a person's entry counts as.

The first of a parameter's metrics counts that is not too old (`stale_after_s`, devices/model/metrics.csv) nor
flawed: the board's own order (screen/vitals.js), what is measured most directly first. The skin
is not the body: `temp_skin` feeds no score. `ibp_sys` does not say which vessel it is of.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from devices.model.metrics import METRICS
from devices.model.observation import Quality
from devices.model.scores import Seen, lack_of
from devices.model.scores_chart import Parameter

ORDER: Mapping[Parameter, tuple[str, ...]] = {
    Parameter.RESPIRATION: ("rr_co2", "vent_rr_total", "rr", "rr_imped", "rr_acoustic", "rr_pleth"),
    Parameter.SPO2: ("spo2",),
    Parameter.SYSTOLIC: ("abp_sys", "art_sys", "nibp_sys"),
    Parameter.PULSE: ("hr", "pr_spo2", "pr_ibp", "pr_nibp"),
    Parameter.TEMPERATURE: (
        *("temp_core", "temp_blood", "temp_esoph", "temp_nasoph", "temp_blad", "temp_rect"),
        *("temp_body", "temp_tymp", "temp_oral", "temp_axil", "temp"),
    ),
}
"""In order of preference."""
FEEDS = {
    metric: (parameter, rank) for parameter, metrics in ORDER.items() for rank, metric in enumerate(metrics)
}
"""Parameter and rank by metric."""

FLAWS = (
    Quality.ARTIFACT
    | Quality.IMPLAUSIBLE
    | Quality.OUT_OF_TRACK
    | Quality.QUESTIONABLE
    | Quality.SENSOR_ALARM
    | Quality.TEST_DATA
)
"""A value with one of these does not count. LOW_PERFUSION and STORED (true at its own time) do."""

MANUAL_LIMIT_MS = 4 * 3_600_000
"""A person's entry counts so long: for scores of 1 to 4 the Royal College of Physicians (NEWS2, 2017,
chart 4) wants the whole set of observations every 4 to 6 hours at least."""


class Measured(Protocol):
    """A value as board and box have it; `value` is in the metric's unit, None: there is none."""

    @property
    def device(self) -> str:
        """Who measured it."""
        ...

    @property
    def metric(self) -> str:
        """What was measured."""
        ...

    @property
    def value(self) -> float | None:
        """The number."""
        ...

    @property
    def quality(self) -> int:
        """Flags of `Quality`."""
        ...

    @property
    def at_ms(self) -> int:
        """When, in the time scale of those who ask."""
        ...


class Entry(Protocol):
    """What a person assessed: `value` as devices/model/crew.py (`assessed`) has it, by its kind."""

    @property
    def value(self) -> Mapping[str, Any]:
        """What was found."""
        ...

    @property
    def at_ms(self) -> int:
        """When, in the time scale of those who ask."""
        ...


class Source(NamedTuple):
    """A parameter as it was seen, and by what."""

    seen: Seen
    metric: str
    device: str


def chosen(values: Iterable[Measured], now_ms: int) -> dict[Parameter, Source]:
    """Of one bed's values the one for each parameter: the best that counts, else the newest that does not."""
    best: dict[Parameter, tuple[tuple[bool, int, str], Source]] = {}
    for value in values:
        if value.value is None:
            continue
        parameter, rank = FEEDS[value.metric]
        seen = _seen(value, value.value)
        lacks = lack_of(seen, now_ms) is not None
        order = lacks, -seen.at_ms if lacks else rank, value.device
        if parameter not in best or order < best[parameter][0]:
            best[parameter] = order, Source(seen, value.metric, value.device)
    return {parameter: source for parameter, (_, source) in best.items()}


def entered(entries: Mapping[str, Entry]) -> dict[Parameter, Seen]:
    """What a person's last entries, by kind, count as."""
    found: dict[Parameter, Seen] = {}
    if (entry := entries.get("consciousness")) is not None:
        found[Parameter.CONSCIOUSNESS] = Seen(entry.value["acvpu"] != "A", entry.at_ms, MANUAL_LIMIT_MS)
    if (entry := entries.get("oxygen")) is not None:
        found[Parameter.OXYGEN] = Seen(entry.value["on"], entry.at_ms, MANUAL_LIMIT_MS)
    return found


def _seen(value: Measured, number: float) -> Seen:
    limit_ms = METRICS[value.metric].stale_after_s * 1000
    return Seen(number, value.at_ms, limit_ms, bool(value.quality & FLAWS))
