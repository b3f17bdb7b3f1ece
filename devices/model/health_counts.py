"""The numbers of a gateway's health, as its state tells them and as Prometheus calls them. Pure."""

from typing import NamedTuple


class HealthCount(NamedTuple):
    """`told`: the name in the gateway's state; `name`: Prometheus' without `wardlink_gateway_`."""

    told: str
    name: str
    is_counter: bool
    meaning: str


_COUNTERS = (
    ("readings", "readings", "Readings that devices gave"),
    ("waveforms", "waveforms", "Waveform chunks that devices gave"),
    ("events", "events", "Events of devices"),
    ("rejected", "readings_rejected", "Readings outside the range that can be true"),
    ("implausible", "readings_implausible", "Readings outside the physiological range"),
    ("unknown-metric", "readings_unknown_metric", "Readings of a metric that is not in the table"),
    ("blocks-sent", "blocks_sent", "Blocks published, again or not"),
    ("blocks-quarantined", "blocks_quarantined", "Own blocks that the controller could not read"),
    ("journal-errors", "journal_errors", "What the journal's disk refused"),
    ("connections", "connections", "Connections made to the broker"),
    ("messages-unreadable", "messages_unreadable", "Messages from the controller that could not be read"),
    ("failures", "part_failures", "Failures of parts of the gateway, each started again"),
)
_GAUGES = (
    ("journal-bytes", "journal_bytes", "Bytes of the journal on disk"),
    ("journal-damaged-bytes", "journal_damaged_bytes", "Bytes of earlier journals that were damaged"),
    ("alerts-active", "alerts_active", "Technical alerts that are active"),
)
HEALTH_COUNTS = (
    *(HealthCount(told, name, True, meaning) for told, name, meaning in _COUNTERS),
    *(HealthCount(told, name, False, meaning) for told, name, meaning in _GAUGES),
)
"""What is not in this table is not told to Prometheus: names stay few, whatever a gateway says."""
