"""Families of samples in the words of Prometheus: `wardlink_gateway_…`, in base units."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from devices.model.health_counts import HEALTH_COUNTS
from devices.profiles import profile
from devices.wire.block import Lane
from devices.wire.topics import LANES
from gateway.config import DeviceConfig
from gateway.journal.keeper import Keeper
from gateway.session import Session
from gateway.uplink import Uplink

_Values = Mapping[tuple[str, ...], float]
_LINKS = ("ble", "serial", "network")


def _add(family: CounterMetricFamily | GaugeMetricFamily, values: _Values) -> Metric:
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _gauge(name: str, meaning: str, values: _Values, labels: Sequence[str] = ()) -> Metric:
    return _add(GaugeMetricFamily(f"wardlink_gateway_{name}", meaning, labels=labels), values)


def _counter(name: str, meaning: str, values: _Values, labels: Sequence[str] = ()) -> Metric:
    return _add(CounterMetricFamily(f"wardlink_gateway_{name}", meaning, labels=labels), values)


def counted(counts: Mapping[str, int]) -> list[Metric]:
    """What the state tells the controller."""
    return [
        (_counter if one.is_counter else _gauge)(one.name, one.meaning, {(): counts.get(one.told, 0)})
        for one in HEALTH_COUNTS
    ]


def journal(keeper: Keeper) -> list[Metric]:
    """How full it is, how long a commit takes, what was given up."""
    took = HistogramMetricFamily("wardlink_gateway_journal_commit_seconds", "Commits, synced to the disk")
    took.add_metric((), keeper.took.buckets(), keeper.took.sum)
    shed = {(LANES[lane], why): count for (lane, why), count in keeper.shed.items()}
    return [
        took,
        _gauge("journal_quota_bytes", "What it may take of the disk", {(): keeper.journal.quota}),
        _gauge("journal_owes", "1: alerts wait for the disk", {(): keeper.journal.owes}),
        _counter("blocks_shed", "Blocks given up, and written down as such", shed, ["lane", "why"]),
    ]


def uplink(held: Uplink, ages_us: Mapping[Lane, int | None]) -> list[Metric]:
    """The way to the controller; `ages_us` of the oldest block without a receipt."""
    lanes = {(LANES[lane],): one for lane, one in held.lanes.items()}
    each = ["lane"]
    ages = {(LANES[lane],): (age or 0) / 1e6 for lane, age in ages_us.items()}
    pending = {lane: one.sender.pending() for lane, one in lanes.items()}
    connected = {lane: one.is_connected for lane, one in lanes.items()}
    clock = held.clock.block_clock()
    error = {} if clock.error_us is None else {(): clock.error_us / 1e6}
    return [
        _gauge(
            "controller_online", "1: a controller is there that gives receipts", {(): held.control.is_online}
        ),
        _gauge("lane_connected", "1: the lane has a connection", connected, each),
        _gauge("backlog_blocks", "Blocks without a receipt", pending, each),
        _gauge("backlog_age_seconds", "Age of the oldest of them", ages, each),
        _gauge("clock_error_seconds", "What this clock may be wrong by, if anybody knows", error),
        _gauge("clock_set", "1: UTC is known", {(): clock.utc_us is not None}),
    ]


def devices(served: Iterable[DeviceConfig], sessions: Iterable[Session], alarms: int) -> list[Metric]:
    """Links by kind, bytes that could not be read by reason, alarms of patients that are active."""
    held = {str(one.device): one for one in sessions}  # the newest of each
    links: Counter[tuple[str, ...]] = Counter(
        {(kind, state): 0 for kind in _LINKS for state in ("true", "false")}
    )
    for device in served:
        session = held.get(device.id)
        links[_kind(device), str(session is not None and session.connected).lower()] += 1
    bad: Counter[tuple[str, ...]] = Counter()
    for session in held.values():
        bad.update({(reason,): count for reason, count in session.bad.items()})
    return [
        _gauge(
            "links",
            "Devices by what they are connected by, and whether they are",
            links,
            ["link", "connected"],
        ),
        _counter("codec_rejects", "What codecs could not read, by reason", bad, ["reason"]),
        _gauge("patient_alarms_active", "Alarms of patients that are active", {(): alarms}),
    ]


def _kind(device: DeviceConfig) -> str:
    link = type(profile(device.profile).link).__name__.lower()
    return next((kind for kind in _LINKS if link.startswith(kind)), "network")
