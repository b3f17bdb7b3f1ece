"""Frames and records of the DRI: found in any stream, restored, checked, divided into their subrecords."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.dri import alarm, request
from devices.codecs.dri.record import MainType, Record, RecordReader, Subrecord
from devices.codecs.health import BadByteCounter
from devices.errors import BadBytes
from devices.model.observation import Instant

NOW = Instant(9_000_000_000)


def body(
    *descriptors: tuple[int, int], data: bytes = b"", main_type: int = 1, length: int | None = None
) -> bytes:
    """A record and its checksum, as they stand between flags before bytes are escaped."""
    size = 40 + len(data) if length is None else length
    header = struct.pack("<hBBHIBBHh", size, 3, 10, 0, 77, 0, 0, 0, MainType.WAVEFORM)
    listed = b"".join(struct.pack("<hB", offset, kind) for offset, kind in descriptors)
    listed += struct.pack("<hB", 0, 0xFF) if len(descriptors) < 8 else b""
    record = (header + listed).ljust(40, b"\0") + data
    return record + bytes((sum(record) % 256,))


def reasons(stream: bytes) -> dict[str, str | int]:
    bad = BadByteCounter()
    list(RecordReader(bad).feed(stream))
    return {name: count for event in bad.told(NOW) for name, count in event.detail.items()}


def records(stream: bytes) -> list[Record | None]:
    return list(RecordReader(BadByteCounter()).feed(stream))


def test_a_header_s_fields_are_read_from_their_places() -> None:
    record = Record.decode(body((0, 8), data=b"abc"))
    assert (record.main_type, record.level, record.time, record.number) == (1, 10, 77, 3)
    assert record.subrecords == (Subrecord(8, b"abc"),)


def test_a_subrecord_reaches_to_the_next_one_in_whatever_order_they_are_listed() -> None:
    record = Record.decode(body((4, 9), (0, 8), data=b"abcdefg"))
    assert record.subrecords == (Subrecord(8, b"abcd"), Subrecord(9, b"efg"))


def test_eight_subrecords_need_no_end_of_list() -> None:
    record = Record.decode(body(*((n, n) for n in range(8)), data=bytes(range(8))))
    assert [one.data for one in record.subrecords] == [bytes((n,)) for n in range(8)]


def test_a_record_may_have_no_subrecord() -> None:
    assert Record.decode(body()).subrecords == ()


@pytest.mark.parametrize("offset", [-1, 3, 300, 32767])
def test_a_subrecord_outside_the_data_is_refused(offset: int) -> None:
    with pytest.raises(BadBytes) as refused:
        Record.decode(body((offset, 1), data=b"abc"))
    assert refused.value.reason == "range"


@pytest.mark.parametrize("length", [39, 42, 44, -5])
def test_a_record_of_another_length_than_it_says_is_refused(length: int) -> None:
    with pytest.raises(BadBytes) as refused:
        Record.decode(body((0, 1), data=b"abc", length=length))
    assert refused.value.reason == "length"


def test_flags_and_control_bytes_in_a_record_are_escaped_as_the_specification_says() -> None:
    frame = Record(MainType.WAVEFORM, (Subrecord(1, b"\x7e\x7d\x5e\x5d"),)).encode()
    assert b"\x7d\x5e\x7d\x5d\x5e\x5d" in frame
    assert b"\x7e" not in frame[1:-1]
    assert records(frame) == [Record(MainType.WAVEFORM, (Subrecord(1, b"\x7e\x7d\x5e\x5d"),))]


def test_a_checksum_is_escaped_too() -> None:
    """The specification's request for trends every 60 s ends in 7D 5D 7E."""
    text = """
        7e 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 03 3c 00 0e 00 00 00
        00 00 7d 5d 7e"""
    (record,) = records(bytes.fromhex(text))
    assert record is not None
    assert record.encode() == bytes.fromhex(text)
    assert request.wanted_interval_s(record.subrecords[0]) == 60


def test_frames_may_share_a_flag_or_have_any_number_between_them() -> None:
    frame = Record(MainType.WAVEFORM, (Subrecord(1, b"abc"),)).encode()
    assert len(records(frame + frame)) == 2
    assert len(records(frame[:-1] + frame)) == 2
    assert len(records(frame + b"\x7e\x7e\x7e" + frame)) == 2


def test_the_end_of_a_record_that_was_under_way_is_counted_and_the_next_one_read() -> None:
    frame = Record(MainType.WAVEFORM, (Subrecord(1, bytes(60)),)).encode()
    assert records(frame[50:] + frame)[0] is None
    assert records(frame[50:] + frame)[1] is not None
    assert sum(int(n) for n in reasons(frame[50:] + frame).values()) == 1


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"\x7e\x7e", {}),
        (b"\x7eabc\x7e", {"length": 1}),
        (b"\x7e" + bytes(60) + b"\x01\x7e", {"checksum": 1}),
        (b"\x7e" + bytes(5000) + b"\x7e", {"framing": 1}),
        (b"\x7e" + bytes(5000) + b"\x7eabc\x7e", {"framing": 1, "length": 1}),
    ],
)
def test_what_is_no_record_is_counted_by_its_reason(stream: bytes, expected: dict[str, int]) -> None:
    assert reasons(stream) == expected


@given(st.binary(max_size=200), st.integers(1, 30))
def test_any_bytes_in_a_subrecord_come_back_however_the_stream_is_cut(data: bytes, size: int) -> None:
    record = Record(MainType.WAVEFORM, (Subrecord(1, b"." + data),))
    stream, reader = record.encode() * 2, RecordReader(BadByteCounter())
    found = [one for at in range(0, len(stream), size) for one in reader.feed(stream[at : at + size])]
    assert found == [record, record]


def test_a_monitor_reads_the_requests_that_a_host_makes() -> None:
    (wanted,) = records(request.values(5))
    (waves,) = records(request.waves([1, 8]))
    (alarms,) = records(request.alarms())
    assert wanted is not None
    assert waves is not None
    assert alarms is not None
    assert request.wanted_interval_s(wanted.subrecords[0]) == 5
    assert request.wanted_waves(waves.subrecords[0]) == [1, 8]
    assert (alarms.main_type, alarms.subrecords[0].data) == (MainType.ALARM, b"\2" + bytes(11))


def test_a_request_of_another_form_is_refused() -> None:
    for read in (request.wanted_interval_s, request.wanted_waves):
        with pytest.raises(BadBytes):
            read(Subrecord(0, b"abc"))


def test_eight_waveforms_fill_a_request_without_an_end_of_list() -> None:
    (waves,) = records(request.waves(range(1, 9)))
    assert waves is not None
    assert request.wanted_waves(waves.subrecords[0]) == [*range(1, 9)]


def test_an_alarm_box_has_the_size_of_its_structure() -> None:
    assert len(alarm.encode([])) == 510
    with pytest.raises(BadBytes):
        alarm.decode(bytes(499))
    assert alarm.decode(bytes(510)) == {}
