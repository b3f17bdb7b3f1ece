"""Polar Measurement Data: what is written and read survives its encoding; what is none of it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.polar_pmd import (
    ECG,
    START,
    Features,
    Frame,
    Response,
    Stopped,
    decode_control,
    decode_settings,
    ecg_frame,
    encode_settings,
    get_settings,
    start,
)
from devices.errors import BadBytes

SIZES = {0: 2, 1: 2, 2: 2, 3: 4, 4: 1, 5: 4, 6: 16}
KINDS = st.integers(0, 0x3F)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        kind: st.lists(st.integers(0, 256**size - 1), min_size=1, max_size=4).map(tuple)
        for kind, size in SIZES.items()
    },
)


@given(SETTINGS)
def test_settings_survive_encoding(settings: dict[int, tuple[int, ...]]) -> None:
    assert decode_settings(encode_settings(settings)) == settings


@given(SETTINGS, st.integers(0, 200))
def test_settings_cut_short_are_refused_or_miss_only_whole_ones(
    settings: dict[int, tuple[int, ...]], length: int
) -> None:
    try:
        some = decode_settings(encode_settings(settings)[:length])
    except BadBytes as bad:
        assert bad.reason == "length"
    else:
        assert some.items() <= settings.items()


@given(st.integers(1, 9), KINDS, st.integers(0, 255), st.booleans(), st.binary(max_size=20))
def test_a_response_survives_encoding(
    operation: int, kind: int, status: int, more: bool, parameters: bytes
) -> None:
    response = Response(operation, kind, status, more, parameters)
    wanted = response if status == 0 else Response(operation, kind, status)
    assert decode_control(response.encode()) == wanted


@given(st.frozensets(st.integers(0, 127)))
def test_features_survive_encoding(kinds: frozenset[int]) -> None:
    assert decode_control(Features(kinds).encode()) == Features(kinds)


@given(KINDS, st.integers(0, 2**64 - 1), st.integers(0, 255), st.binary(max_size=230))
def test_a_frame_survives_encoding(kind: int, time_ns: int, form: int, content: bytes) -> None:
    frame = Frame(kind, time_ns, form, content)
    assert Frame.decode(frame.encode()) == frame


@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=73))
def test_samples_survive_encoding(microvolts: list[int]) -> None:
    octets = ecg_frame(1, microvolts)
    assert len(octets) == 10 + 3 * len(microvolts)
    assert Frame.decode(octets).microvolts() == tuple(microvolts)


def test_an_h10_sends_229_bytes_at_once() -> None:
    assert len(ecg_frame(599_622_173_000_000_000, [0] * 73)) == 229


def test_the_type_of_a_recording_is_read_without_its_mark() -> None:
    assert Frame.decode(bytes.fromhex("80 0000000000000000 00")).kind == ECG
    assert decode_control(bytes.fromhex("F0 02 82 00")) == Response(START, 2, 0)


def test_streams_that_the_device_stops_are_named() -> None:
    assert decode_control(bytes.fromhex("01 00 02")) == Stopped((0, 2))


@pytest.mark.parametrize(
    ("value", "reason"), [("", "length"), ("F0", "length"), ("F0 01 00", "length"), ("55 01", "framing")]
)
def test_what_no_control_point_says_is_refused(value: str, reason: str) -> None:
    with pytest.raises(BadBytes) as refusal:
        decode_control(bytes.fromhex(value))
    assert refusal.value.reason == reason


@given(st.binary(max_size=40))
def test_arbitrary_values_are_read_or_refused(data: bytes) -> None:
    for read in (decode_control, decode_settings, Frame.decode):
        try:
            read(data)
        except BadBytes as bad:
            assert bad.reason in {"length", "range", "framing"}


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (0, "success"),
        (6, "already-in-state"),
        (10, "invalid-mtu"),
        (13, "device-in-charger"),
        (77, "error-77"),
    ],
)
def test_a_status_has_a_name(status: int, name: str) -> None:
    assert Response(START, ECG, status).status_name == name


def test_commands_are_those_of_the_specification() -> None:
    assert get_settings(2) == bytes.fromhex("01 02")
    assert start(2, {0: (25, 50, 100, 200), 1: (16,), 2: (2, 4, 8)}) == bytes.fromhex(
        "02 02 00 01 C8 00 01 01 10 00 02 01 08 00"
    )
    assert start(ECG, {}) == bytes.fromhex("02 00")
