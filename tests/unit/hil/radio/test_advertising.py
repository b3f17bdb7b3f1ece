"""Advertisements: what a peripheral declares is what a scanner reads, and no bytes on the air break it."""

import pytest
from bleak.uuids import normalize_uuid_str
from bumble.device import Advertisement
from bumble.hci import Address
from hypothesis import given
from hypothesis import strategies as st

from hil.radio.advertising import advertisement_data, advertising_fields, split_advertisement

short_uuids = st.integers(0, 0xFFFF).map(lambda n: f"{n:04x}")
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=7)


def heard(data: bytes) -> Advertisement:
    """An advertisement with `data`, as the controller reports it."""
    return Advertisement(address=Address("C0:00:00:00:00:01"), rssi=-60, data_bytes=data)


@given(
    name=names,
    uuids=st.lists(short_uuids, unique=True, max_size=3),
    company=st.integers(0, 0xFFFF),
    data=st.binary(max_size=4),
    power=st.integers(-127, 20),
)
def test_what_is_declared_is_what_is_read(
    name: str, uuids: list[str], company: int, data: bytes, power: int
) -> None:
    service = dict.fromkeys(uuids[:1], data)
    parts = split_advertisement(name, advertising_fields(uuids, {company: data}, service, power))
    said = advertisement_data(heard(b"".join(parts)))
    assert said.local_name == name
    assert said.service_uuids == [normalize_uuid_str(uuid) for uuid in uuids]
    assert said.manufacturer_data == {company: data}
    assert said.service_data == {normalize_uuid_str(uuid): data for uuid in service}
    assert (said.tx_power, said.rssi) == (power, -60)


@given(st.binary(max_size=62))
def test_no_bytes_on_the_air_break_the_scanner(data: bytes) -> None:
    said = advertisement_data(heard(data))
    assert all(len(uuid) == 36 for uuid in [*said.service_uuids, *said.service_data])


@given(st.sampled_from(range(256)), st.binary(max_size=30))
def test_no_field_of_any_kind_and_length_breaks_the_scanner(kind: int, content: bytes) -> None:
    advertisement_data(heard(bytes([len(content) + 1, kind]) + content))


def test_what_cannot_be_advertised_is_refused_by_name_and_room() -> None:
    with pytest.raises(ValueError, match="Big: 44 bytes to advertise, 31 fit"):
        split_advertisement("Big", advertising_fields([], {1: bytes(37)}, {}, None))
