"""A simulated port behaves as a real one does to pyserial: opened, read, written, pulled out."""

from pathlib import Path

import pytest
import serial

from hil.sims.pty import Pty
from tests.support.radio import until


def opened(port: Pty) -> serial.Serial:
    return serial.Serial(str(port.path), 9600, timeout=5)


def test_bytes_go_both_ways_unchanged(tmp_path: Path) -> None:
    every_byte = bytes(range(256))
    with Pty(tmp_path / "ports" / "ox-1") as port, opened(port) as line:
        assert port.write(every_byte)
        assert line.read(256) == every_byte
        line.write(every_byte)
        assert port.read() == every_byte


def test_nothing_is_sent_while_nobody_has_the_port_open(tmp_path: Path) -> None:
    with Pty(tmp_path / "ox-1") as port:
        assert not port.write(b"before")
        with opened(port) as line:
            assert port.write(b"during")
            assert line.read(6) == b"during"
        assert not port.write(b"after")
        assert port.read() == b""


def test_the_port_can_be_opened_again_and_hears_only_the_present(tmp_path: Path) -> None:
    with Pty(tmp_path / "ox-1") as port:
        for word in (b"first", b"again"):
            with opened(port) as line:
                assert port.write(word)
                assert line.read(5) == word


async def test_pulling_it_out_ends_the_programs_port_and_removes_the_name(tmp_path: Path) -> None:
    with Pty(tmp_path / "ox-1") as port:
        line = opened(port)
    assert not port.path.is_symlink()
    with pytest.raises((serial.SerialException, OSError)):
        line.read(1)
    line.close()


async def test_a_reader_that_lags_too_far_behind_loses_bytes_and_does_not_block(tmp_path: Path) -> None:
    with Pty(tmp_path / "ox-1") as port, opened(port):
        await until(lambda: not port.write(bytes(1024)))
