"""Captures: lines or raw bytes in, what the device said out, and a clear word about a line that is wrong."""

import pytest

from devices.capture import decoded
from devices.codecs.nonin_packet import Packet
from devices.errors import BadCapture
from devices.profiles import profile
from tests.support.captures import briefly

STRAP = profile("polar-h10")
XPOD = profile("nonin-xpod")
PACKET = Packet(72, 97, (50,) * 25).encode()


def test_a_characteristic_may_be_given_in_16_or_in_128_bits() -> None:
    lines = b"0 2a37 00 3c\n0.5 00002A37-0000-1000-8000-00805F9B34FB 003D\n\n# the end\n"
    assert briefly(decoded(STRAP, lines)) == [["hr", "60"], ["hr", "61"]]


def test_readings_are_timed_from_the_capture_s_zero() -> None:
    assert [said.at for said in decoded(STRAP, b"1.5 2A37 003C\n")] == [1_500_000_000]


@pytest.mark.parametrize(
    ("capture", "complaint"),
    [
        (b"0 2A37 003C\nnonsense\n", "line 2"),
        (b"0 2A37 003\n", "line 1"),
        (b"0 2A37 zz\n", "line 1"),
        (b"", "seconds characteristic hex"),
        (b"0 2A5F 00\n", "polar-h10 has no characteristic 00002a5f"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(capture: bytes, complaint: str) -> None:
    with pytest.raises(BadCapture, match=complaint):
        list(decoded(STRAP, capture))


def test_a_serial_line_may_end_within_a_packet() -> None:
    lines = b"0.0 " + PACKET[:40].hex().encode() + b"\n0.3 " + PACKET[40:].hex(" ").encode() + b"\n"
    assert ["spo2", "97"] in briefly(decoded(XPOD, lines))


def test_what_a_codec_holds_back_is_told_at_the_end() -> None:
    told = briefly(decoded(STRAP, b"0 2A37 00\n0.1 2A37 00\n0.2 2A37 00\n"))
    assert told == [["bad-bytes", {"length": 1}], ["bad-bytes", {"length": 2}]]


def test_a_capture_that_begins_late_does_not_blame_the_device_for_the_time_before() -> None:
    told = briefly(decoded(XPOD, b"1000 " + PACKET.hex().encode()))
    assert [kind for kind, *_ in told] == ["pleth", "identity", "pr_spo2", "spo2"]
