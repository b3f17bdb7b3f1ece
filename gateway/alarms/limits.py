"""What a metric's value speaks of: which conditions of `devices.model.alarm_limits`, against which value."""

from collections.abc import Mapping
from types import MappingProxyType

from devices.model.alarm_limits import CONDITIONS, Condition
from devices.model.metrics import METRICS

_NS = 1_000_000_000

QRS_GAP, QRS_RATE, PULSE_GAP, PULSE_RATE = "qrs_gap", "qrs_rate", "pulse_gap", "pulse_rate"
DERIVED = frozenset({QRS_GAP, QRS_RATE, PULSE_GAP, PULSE_RATE})
"""What `gateway/alarms/rhythm` finds in waveforms: seconds since the last beat, and beats a minute. They are
judged and not recorded."""
CONTRADICTS: Mapping[str, str] = MappingProxyType(
    {"hr": "pr_spo2", "pr_spo2": "hr", QRS_GAP: PULSE_GAP, QRS_RATE: PULSE_RATE}
)
"""The heart by electrodes and by the finger: what one says, the other may contradict."""
WITNESSES = frozenset(CONTRADICTS.values())
_DERIVED_STALE_NS = 10 * _NS

METRIC_OF: Mapping[str, str] = MappingProxyType({one.code: one.metrics[0] for one in CONDITIONS.values()})
"""By code: the first of its metrics."""
BY_METRIC: Mapping[str, tuple[Condition, ...]] = MappingProxyType(
    {
        metric: tuple(one for one in CONDITIONS.values() if metric in one.metrics)
        for metric in WITNESSES.union(*(one.metrics for one in CONDITIONS.values()))
    }
)
"""The conditions of which a metric's value speaks; none: it only contradicts another."""


def stale_after_ns(metric: str) -> int:
    """After how long without a value nobody knows it any more."""
    return _DERIVED_STALE_NS if metric in DERIVED else METRICS[metric].stale_after_s * _NS
