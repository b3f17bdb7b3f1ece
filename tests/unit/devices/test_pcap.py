"""Packet captures: every common file, link and address gives the same payload; other bytes are refused."""

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.capture import chunks
from devices.errors import BadCapture
from devices.pcap import Packet, is_pcap, packets
from devices.profiles import TcpLink, UdpLink

DEVICE, HOST = bytes((10, 0, 0, 7)), bytes((10, 0, 0, 1))


def udp(source: int, destination: int, data: bytes) -> bytes:
    return struct.pack(">4H", source, destination, 8 + len(data), 0) + data


def tcp(source: int, destination: int, sequence: int, data: bytes) -> bytes:
    return struct.pack(">2H2I2H2H", source, destination, sequence, 0, 0x5018, 100, 0, 0) + data


def ipv4(body: bytes, protocol: int = 17, source: bytes = DEVICE, fragment: int = 0) -> bytes:
    head = struct.pack(">2B3H2BH", 0x45, 0, 20 + len(body), 0, fragment, 64, protocol, 0)
    return head + source + HOST + body


def ipv6(body: bytes) -> bytes:
    return struct.pack(">IH2B", 0x60000000, len(body), 17, 64) + bytes(15) + b"\x07" + bytes(16) + body


def ethernet(ip: bytes, tag: bytes = b"") -> bytes:
    kind = b"\x86\xdd" if ip[0] >> 4 == 6 else b"\x08\x00"
    return bytes(12) + tag + kind + ip


def classic(*frames: bytes, order: str = "<", link: int = 1, magic: int = 0xA1B2C3D4) -> bytes:
    file = struct.pack(f"{order}I2H4I", magic, 2, 4, 0, 0, 65535, link)
    for n, frame in enumerate(frames):
        file += struct.pack(f"{order}4I", 100 + n, 500_000, len(frame), len(frame)) + frame
    return file


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    padded = body + bytes(-len(body) % 4)
    size = struct.pack(f"{order}I", 12 + len(padded))
    return struct.pack(f"{order}I", kind) + size + padded + size


def next_generation(*frames: bytes, order: str = "<", options: bytes = b"", units: int = 1_000_000) -> bytes:
    file = block(0x0A0D0D0A, struct.pack(f"{order}I2Hq", 0x1A2B3C4D, 1, 0, -1), order)
    file += block(1, struct.pack(f"{order}2HI", 1, 0, 0) + options, order)
    for n, frame in enumerate(frames):
        at = (100 + n) * units
        head = struct.pack(f"{order}5I", 0, at >> 32, at & 0xFFFFFFFF, len(frame), len(frame))
        file += block(6, head + frame, order)
    return file


DATAGRAM = udp(24105, 5000, b"hello")
NANO = struct.pack("<2HB3x", 9, 1, 9)


@pytest.mark.parametrize(
    "content",
    [
        classic(ethernet(ipv4(DATAGRAM))),
        classic(ethernet(ipv4(DATAGRAM)), order=">"),
        classic(ethernet(ipv4(DATAGRAM)), magic=0xA1B23C4D),
        classic(ethernet(ipv4(DATAGRAM), tag=b"\x81\x00\x00\x05")),
        classic(ethernet(ipv4(DATAGRAM)) + b"padding"),
        classic(ipv4(DATAGRAM), link=101),
        classic(b"\x02\x00\x00\x00" + ipv4(DATAGRAM), link=0),
        classic(bytes(14) + b"\x08\x00" + ipv4(DATAGRAM), link=113),
        classic(b"\x08\x00" + bytes(18) + ipv4(DATAGRAM), link=276),
        next_generation(ethernet(ipv4(DATAGRAM))),
        next_generation(ethernet(ipv4(DATAGRAM)), order=">"),
        next_generation(ethernet(ipv4(DATAGRAM)), options=NANO, units=1_000_000_000),
    ],
    ids=range(12),
)
def test_a_datagram_is_found_in_every_kind_of_file(content: bytes) -> None:
    assert is_pcap(content)
    (packet,) = packets(content)
    assert packet[1:] == Packet(0, DEVICE, 24105, 5000, None, b"hello")[1:]
    assert 100 <= packet.at_s < 101


def test_ipv6_and_tcp_are_read_too() -> None:
    found = list(packets(classic(ethernet(ipv6(DATAGRAM)), ethernet(ipv4(tcp(2575, 9, 7, b"MSH"), 6)))))
    assert [(one.source_port, one.sequence, one.data) for one in found] == [
        (24105, None, b"hello"),
        (2575, 7, b"MSH"),
    ]


@pytest.mark.parametrize(
    "frame",
    [
        ethernet(ipv4(DATAGRAM, fragment=0x2000)),
        ethernet(ipv4(DATAGRAM, protocol=1)),
        ethernet(ipv4(tcp(1, 2, 3, b""), 6)),
        bytes(12) + b"\x08\x06" + bytes(28),
        b"short",
    ],
)
def test_what_carries_nothing_for_us_is_passed_over(frame: bytes) -> None:
    assert list(packets(classic(frame))) == []


@given(st.binary(max_size=200), st.sampled_from([classic, next_generation]))
def test_any_bytes_after_the_head_are_read_or_refused(noise: bytes, file: Callable[[], bytes]) -> None:
    try:
        for packet in packets(file() + noise):
            assert isinstance(packet, Packet)
    except BadCapture as refused:
        assert str(refused)


def test_of_a_conversation_only_what_the_device_sent_is_the_capture() -> None:
    frames = [ethernet(ipv4(udp(5000, 24105, b"poll"), source=HOST)), ethernet(ipv4(DATAGRAM))]
    link = UdpLink(24105, codec=lambda: None)  # type: ignore[arg-type, return-value]
    assert [(chunk.at, chunk.data) for chunk in chunks(link, classic(*frames))] == [(0, b"hello")]


def test_a_segment_that_was_sent_again_counts_once_and_the_server_s_answers_do_not() -> None:
    said = [ethernet(ipv4(tcp(40000, 2575, n, b"%d" % n), 6)) for n in (1, 2, 1, 3)]
    answer = ethernet(ipv4(tcp(2575, 40000, 9, b"ACK"), 6, source=HOST))
    link = TcpLink(2575, codec=lambda: None, listens=True)  # type: ignore[arg-type, return-value]
    found = list(chunks(link, classic(*said, answer)))
    assert [chunk.data for chunk in found] == [b"1", b"2", b"3"]
    assert [chunk.at for chunk in found] == [0, 1_000_000_000, 3_000_000_000]
