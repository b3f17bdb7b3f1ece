"""The growth bench: what it takes off, what it compares, and a crowd that speaks as gateways do."""

import sqlite3
import ssl
from math import isnan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.store.migrate import migrate
from gateway.enrolment.identity import IdentityFolder
from hil.bench import growth
from hil.bench.crowd_line import PUBLISH, Login, connect, packet, publish, split, subscribe
from hil.bench.growth import Measure, Size
from hil.bench.listen import Came, Heard, Span
from hil.bench.site import Used, percentiles


def size(devices: int, cpu_s: float, megabytes: float, *screen_ms: float) -> Size:
    return Size(devices, {"controller": Used(cpu_s, megabytes)}, screen_ms=list(screen_ms))


RUN = [size(0, 0.01, 70), size(10, 0.02, 73), size(100, 0.11, 75, 8, 9), size(1000, 1.01, 84, 8, 30)]


def lines(*runs: list[Size]) -> dict[str, list[float]]:
    return {one.what: one.numbers for one in growth.measures(runs)}


def test_what_no_device_uses_is_no_devices() -> None:
    assert lines(RUN)["controller CPU, µs a device and second"] == pytest.approx([1000, 1000, 1000])


def test_memory_is_the_slope_between_sizes_and_of_few_devices_none() -> None:
    *few, thousand = lines(RUN)["controller memory, kB a device more"]
    assert all(map(isnan, few))
    assert thousand == pytest.approx(10)


def test_of_several_runs_the_median_counts() -> None:
    dear = [
        size(one.devices, 9 * one.used["controller"].cpu_s, 99, *(9 * ms for ms in one.screen_ms))
        for one in RUN
    ]
    assert repr(lines(RUN, dear, RUN)) == repr(lines(RUN))


def test_growth_counts_against_the_cheapest_smaller_size() -> None:
    assert Measure("flat", [30, 10, 12]).ratio == 1.2
    assert Measure("falls, then doubles", [30, 10, 20]).ratio == 2
    assert Measure("of the last two", [float("nan"), 10, 11]).ratio == 1.1
    assert isnan(Measure("of one", [10]).ratio)


def test_the_table_marks_what_grows() -> None:
    table = list(growth.table([RUN]))
    assert table[0] == "| what | 10 | 100 | 1,000 | worst / cheapest smaller (≤ 1.3) |"
    assert table[2] == "| controller CPU, µs a device and second | 1,000.0 | 1,000.0 | 1,000.0 | 1.00 |"
    assert table[-1] == "| measured → event, p99, ms | – | 9.0 | 30.0 | 3.33 **grows** |"


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentiles([float(n) for n in range(1, 101)], 50, 99, 100) == (51, 100, 100)
    assert isnan(percentiles([], 50)[0])


def test_every_device_has_its_gateway_and_three_share_a_bed() -> None:
    order = growth.order_for(105, Path("x"), 10)
    assert [len(devices) for devices in order.devices.values()] == [50, 50, 5]
    assert order.devices["gw-2"][-1] == ("dev-104", "bed-34")
    assert order.identities.keys() == order.devices.keys()


def test_the_registry_knows_what_the_order_names(tmp_path: Path) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    migrate(db)
    db.execute("INSERT INTO ward VALUES ('demo-ward', 'Ward')")
    order = growth.order_for(105, tmp_path, 10)
    growth.enrol(db, tmp_path / "ca", order)
    assert {IdentityFolder(Path(where)).load().gateway for where in order.identities.values()} == {
        "gw-0",
        "gw-1",
        "gw-2",
    }
    counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("gateway", "bed")]
    assert counts == [3, 35]


def test_delays_are_of_what_was_measured_in_the_span() -> None:
    span = Span(1_000_000_000, 2_000_000_000, {}, 0, 0)
    assert span.within([(999_999_999, 1.0), (1_000_000_000, 2.0), (2_000_000_000, 3.0)]) == [2.0]


def test_an_events_values_and_pictures_are_heard() -> None:
    heard = Heard()
    heard.take(
        "values", b'{"items": [{"bed": "b", "device": "d", "metric": "hr", "value": 61, "utc_ms": 5}]}'
    )
    heard.take("registry", b"{}")
    [came] = heard.values
    assert came == Came("b", "d", "hr", 61, 5, came.at_ns)
    assert (heard.events, heard.snapshots[0][1]) == (2, 2)


@given(st.lists(st.tuples(st.integers(1, 14), st.binary(max_size=300)), max_size=5), st.integers(1, 9))
def test_packets_are_found_again_however_they_are_cut(packets: list[tuple[int, bytes]], piece: int) -> None:
    stream = b"".join(packet(kind, 0, body) for kind, body in packets)
    buffer, found = bytearray(), []
    for start in range(0, len(stream), piece):
        buffer += stream[start : start + piece]
        found += split(buffer)
    assert found == [(kind << 4, body) for kind, body in packets]
    assert not buffer


def test_a_message_of_16384_bytes_has_a_length_of_three() -> None:
    assert packet(PUBLISH, 0, bytes(16_384))[:4] == b"\x30\x80\x80\x01"


def test_packets_are_those_of_the_standard() -> None:
    assert publish("a/b", b"x", 10, retain=True) == b"\x33\x08\x00\x03a/b\x00\x0ax"
    assert subscribe("a/b", 10) == b"\x82\x08\x00\x0a\x00\x03a/b\x00"
    tls = ssl.create_default_context()
    plain = connect(Login(tls, "c"))
    assert plain == b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01c"
    assert connect(Login(tls, "c", ("t", b"w")))[9] == 0x02 | 0x2C
