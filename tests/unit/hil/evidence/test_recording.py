"""Raw bytes of a real PTY: written down with their times, passed on both ways, and played again."""

import os
import re
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from devices.capture import chunks
from devices.profiles import profile
from hil.errors import NotReady
from hil.evidence.recording import line, play, record
from hil.sims.pty import Pty
from tests.support.waiting import wait_for

LINK = profile("nonin-xpod").link


def in_background(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@contextmanager
def reader(path: Path) -> Iterator[int]:
    """A program that has the port open, raw."""
    wait_for(path.exists, "the port is there")
    handle = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(handle)
    try:
        yield handle
    finally:
        os.close(handle)


@given(st.lists(st.tuples(st.floats(0, 1e5), st.binary(min_size=1, max_size=40), st.booleans()), min_size=1))
def test_a_recording_is_a_capture_of_what_came_from_the_device(
    said: list[tuple[float, bytes, bool]],
) -> None:
    said.sort()
    text = "# a port\n" + "".join(line(at, data, to_device=way) for at, data, way in said)
    from_device = [(at, data) for at, data, way in said if not way]
    if from_device:
        read = [(chunk.at / 1e9, chunk.data) for chunk in chunks(LINK, text.encode())]
        assert read == [(pytest.approx(at, abs=1e-5), data) for at, data in from_device]


def test_what_comes_is_written_down_with_its_time(tmp_path: Path) -> None:
    out = tmp_path / "capture.txt"
    with Pty(tmp_path / "device") as device:
        recording = in_background(lambda: record(str(tmp_path / "device"), out, 115200, 4.0))
        # What is sent while the port is being opened goes: its file is there when that is done.
        wait_for(lambda: out.exists() and device.write(b"\x01\x02"), "the recorder listens")
        wait_for(lambda: b"0102" in out.read_bytes(), "it has that")
        time.sleep(0.3)
        device.write(b"\x03")
        recording.join()
    first, second = chunks(LINK, out.read_bytes())
    assert (first.data, second.data) == (b"\x01\x02", b"\x03")
    assert second.at - first.at >= 0.2e9


def test_through_a_port_of_its_own_both_ways_pass_and_are_written_down(tmp_path: Path) -> None:
    out, port = tmp_path / "capture.txt", tmp_path / "gateway"
    with Pty(tmp_path / "device") as device:
        recording = in_background(lambda: record(str(tmp_path / "device"), out, 115200, 2.0, port))
        with reader(port) as gateway:
            wait_for(lambda: device.is_open and device.write(b"\x10\x11"), "the recorder listens")
            assert os.read(gateway, 10) == b"\x10\x11"
            os.write(gateway, b"\x20")
            heard = bytearray()
            wait_for(lambda: heard.extend(device.read()) or heard, "the device hears it")
            assert heard == b"\x20"
            recording.join()
    assert [chunk.data for chunk in chunks(LINK, out.read_bytes())] == [b"\x10\x11"]
    assert re.search(r"^#> \d+\.\d{6} 20$", out.read_text(), re.MULTILINE)


def test_a_port_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="is it plugged in"):
        record(str(tmp_path / "none"), tmp_path / "out.txt", 115200, 1.0)


def test_a_recording_is_played_byte_for_byte_however_slow_its_reader_is(tmp_path: Path) -> None:
    data = os.urandom(30_000)
    text = "".join(line(0.0, data[start : start + 3000]) for start in range(0, len(data), 3000))
    played = list[int]()
    port, said = tmp_path / "port", list[str]()
    playing = in_background(lambda: played.append(play(chunks(LINK, text.encode()), port, 0, said.append)))
    with reader(port) as handle:
        heard = bytearray()
        while len(heard) < len(data):
            heard += os.read(handle, 700)
            time.sleep(0.001)
        playing.join()
    assert heard == data
    assert played == [len(data)]
    assert "waiting" in said[0]


def test_a_recording_is_played_with_its_timing_or_faster(tmp_path: Path) -> None:
    text = line(0.0, b"a") + line(0.8, b"b")
    lasted = dict[float, float]()
    for speed in (1.0, 8.0):
        port = tmp_path / f"port{speed}"
        playing = in_background(
            lambda p=port, s=speed: play(chunks(LINK, text.encode()), p, s, lambda _: None)
        )
        with reader(port) as handle:
            assert os.read(handle, 1) == b"a"
            began = time.monotonic()
            assert os.read(handle, 1) == b"b"
            lasted[speed] = time.monotonic() - began
            playing.join()
    assert lasted[1.0] > 0.7
    assert lasted[8.0] < lasted[1.0]


def test_a_reader_that_leaves_in_the_middle_is_told(tmp_path: Path) -> None:
    failed = list[NotReady]()

    def playing() -> None:
        try:
            play(
                chunks(LINK, (line(0.0, b"a") + line(0.2, b"b")).encode()), tmp_path / "p", 1, lambda _: None
            )
        except NotReady as error:
            failed.append(error)

    thread = in_background(playing)
    with reader(tmp_path / "p") as handle:
        assert os.read(handle, 1) == b"a"
    thread.join()
    assert "has closed it" in str(failed[0])


def test_what_a_serial_program_opens_is_a_serial_port(tmp_path: Path) -> None:
    thread = in_background(
        lambda: play(
            chunks(LINK, line(0.0, b"\x00\xff\x03\x11\x13").encode()), tmp_path / "p", 1, lambda _: None
        )
    )
    wait_for((tmp_path / "p").exists, "the port is there")
    with serial.Serial(str(tmp_path / "p"), 115200, timeout=10) as port:
        assert port.read(5) == b"\x00\xff\x03\x11\x13"
        thread.join()
