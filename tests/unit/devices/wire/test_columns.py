"""Readings as columns are the same readings, and nothing passes that the other way refuses."""

from collections.abc import Iterable
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import Malformed
from devices.model.observation import Reading
from devices.wire import keys
from devices.wire.columns import Columns, unpack_columns
from devices.wire.records import AnyRecord, Group, UnknownRecord, pack, unpack
from tests.support import wire

READING: list[Any] = [keys.R_READING, 1, -1000, 72, 0, 0]


def packed(*items: Any) -> bytes:
    return cbor2.dumps([{keys.G_DEVICE: "ox-1", keys.G_LOCATION: "bed-1", keys.G_RECORDS: list(items)}])


def rows(records: Iterable[AnyRecord]) -> list[tuple[str, int, float, int]]:
    return [
        (one.metric, one.at // 1000, float(one.value), one.quality)
        for one in records
        if isinstance(one, Reading) and one.value is not None
    ]


def table(group: Columns) -> list[tuple[str, int, float, int]]:
    return list(zip(group.metrics, group.at_us, group.values, group.qualities, strict=True))


@settings(deadline=None, max_examples=300)
@given(st.lists(wire.groups, max_size=4))
def test_columns_hold_what_the_records_say(groups: list[Group]) -> None:
    data = pack(groups, wire.BASE)
    for columns, group in zip(unpack_columns(data, wire.BASE), unpack(data, wire.BASE), strict=True):
        if isinstance(columns, Columns):
            assert (columns.device, columns.location) == (group.device, group.location)
            assert table(columns) == rows(group.records)
            assert len(columns) == len(group.records)
        else:
            assert columns == group


@settings(deadline=None, max_examples=300)
@given(st.lists(st.builds(Group, st.none(), st.none(), st.lists(wire.readings, min_size=1)), min_size=1))
def test_groups_of_readings_with_values_are_columns_and_no_others(groups: list[Group]) -> None:
    found = unpack_columns(pack(groups, wire.BASE), wire.BASE)
    wanted = [all(isinstance(r, Reading) and r.value is not None for r in g.records) for g in groups]
    assert [isinstance(one, Columns) for one in found] == wanted


@pytest.mark.parametrize(
    "item",
    [
        [keys.R_READING, 1, -1000, 72, 0],
        [keys.R_READING, 1, -1000, 72, 0, 0, 0],
        [keys.R_READING, -1, -1000, 72, 0, 0],
        [keys.R_READING, 1, -1000, 72, 13, 0],
        [keys.R_READING, 1, -1000, 72, -13, 0],
        [keys.R_READING, 1, -1000, 72, 0, 256],
        [keys.R_READING, 1, -1000, 72, 0, -1],
        [keys.R_READING, 1, -1000, 72.0, 0, 0],
        [keys.R_READING, True, -1000, 72, 0, 0],
        [False, 1, -1000, 72, 0, 0],
        [keys.R_READING, 1, None, 72, 0, 0],
        [7, 1, -1000, 72, 0, 0],
        "abcdef",
        {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5},
    ],
)
def test_one_record_against_the_contract_refuses_all(item: Any) -> None:
    data = packed(READING, item, READING)
    with pytest.raises(Malformed):
        unpack(data, wire.BASE)
    with pytest.raises(Malformed):
        unpack_columns(data, wire.BASE)


def test_a_metric_from_the_future_is_kept_as_it_came() -> None:
    (group,) = unpack_columns(packed(READING, [keys.R_READING, 60000, -1000, 5, 0, 0]), wire.BASE)
    assert isinstance(group, Group)
    reading, odd = group.records
    assert isinstance(reading, Reading)
    assert isinstance(odd, UnknownRecord)


@given(st.integers(-(2**64), 2**64 - 1), st.integers(-12, 12))
def test_a_value_is_the_double_nearest_to_what_was_sent(mantissa: int, exponent: int) -> None:
    data = packed([keys.R_READING, 1, 0, mantissa, exponent, 0])
    (columns,) = unpack_columns(data, wire.BASE)
    assert isinstance(columns, Columns)
    assert rows(unpack(data, wire.BASE)[0].records)[0][2] == columns.values[0]
