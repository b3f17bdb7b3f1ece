"""Families of samples of objects: what was asked of buckets, and what the daily check found."""

from collections.abc import Iterable, Mapping
from typing import Any

from controller.metrics.families import Metric, Values, counter, gauge
from controller.objects.check import Report


def asked(told: Mapping[str, Mapping[str, Any]]) -> list[Metric]:
    """`told`: what counts.Counts tells, by kind."""
    requests: Values = {}
    seconds: Values = {}
    for kind, one in told.items():
        for what, outcomes in one["asked"].items():
            requests |= {(kind, what, outcome): float(number) for outcome, number in outcomes.items()}
        seconds |= {(kind, what): took for what, took in one["seconds"].items()}
    away: Values = {(kind,): one["away_s"] for kind, one in told.items()}
    return [
        counter("objects_requests", "Asked of a bucket", requests, ["kind", "what", "outcome"]),
        counter("objects_request_seconds", "That it took, all together", seconds, ["kind", "what"]),
        gauge("objects_away_seconds", "Since when a bucket does not answer; 0: it does", away, ["kind"]),
    ]


def found(reports: Iterable[Report]) -> list[Metric]:
    """Of the last check of each kind."""
    held = {(report.kind,): report for report in reports}
    lost: Values = {key: len(one.missing) + len(one.changed) for key, one in held.items()}
    orphans: Values = {key: len(one.orphans) for key, one in held.items()}
    size: Values = {key: one.bytes for key, one in held.items()}
    at: Values = {key: one.at_ms / 1000 for key, one in held.items()}
    return [
        gauge("objects_lost", "Rows whose object is missing or of another length", lost, ["kind"]),
        gauge("objects_orphans", "Objects that no row names, a day old or more", orphans, ["kind"]),
        gauge("objects_bytes", "Of all objects", size, ["kind"]),
        gauge("objects_checked_timestamp_seconds", "When they were checked, UTC", at, ["kind"]),
    ]
