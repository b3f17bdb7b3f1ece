"""The cable of a rig: from a node's port to a PTY that a program opens, with its faults."""

import os
import threading
import tty
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from hil.rig.cable import Cable
from tests.support.waiting import wait_for


class Node:
    """A port: `said` goes out, what comes in is in `heard`."""

    def __init__(self) -> None:
        self.said = deque[bytes]()
        self.heard = b""

    def read(self) -> bytes:
        return self.said.popleft() if self.said else b""

    def write(self, data: bytes) -> object:
        self.heard += data
        return len(data)


class Gateway:
    """A program that has the port open."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd)
        self.heard = b""
        self._lock = threading.Lock()

    def hears(self, data: bytes) -> bool:
        with self._lock:
            try:
                self.heard += os.read(self._fd, 4096)
            except BlockingIOError:
                return data in self.heard
            return data in self.heard

    def says(self, data: bytes) -> None:
        os.write(self._fd, data)

    def close(self) -> None:
        os.close(self._fd)


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture
def cable(node: Node, tmp_path: Path) -> Iterator[Cable]:
    with Cable(node, tmp_path / "port", seed=1) as made:
        yield made


@pytest.fixture
def gateway(cable: Cable) -> Iterator[Gateway]:
    opened = Gateway(cable.path)
    yield opened
    opened.close()


def test_a_cable_carries_both_ways(node: Node, cable: Cable, gateway: Gateway) -> None:
    node.said.append(b"reading\0")
    wait_for(lambda: gateway.hears(b"reading\0"), "it is heard")
    gateway.says(b"acknowledged\0" * 10)
    wait_for(lambda: node.heard == b"acknowledged\0" * 10, "the node hears it")


def test_a_trap_cuts_both_ways_in_mid_frame(node: Node, cable: Cable, gateway: Gateway) -> None:
    cable.trap(4)
    node.said.append(b"\0reading\0")
    assert cable.sprung.wait(10)
    gateway.says(b"x")
    wait_for(lambda: cable.counts()["down-cut"] == 1, "the other way is cut, too")
    cable.heal()
    node.said.append(b"after\0")
    wait_for(lambda: gateway.hears(b"after\0"), "it is healed")
    assert gateway.heard == b"\0readafter\0"
    assert node.heard == b""


def test_a_pulled_port_is_not_there_until_it_is_plugged_in(node: Node, cable: Cable) -> None:
    cable.pull()
    assert not cable.path.exists()
    cable.plug()
    opened = Gateway(cable.path)
    node.said.append(b"again\0")
    wait_for(lambda: opened.hears(b"again\0"), "it is heard again")
    opened.close()


def test_a_flood_is_heard_and_counted(cable: Cable, gateway: Gateway) -> None:
    cable.flood(b"garbage")
    wait_for(lambda: gateway.hears(b"garbage"), "it is heard")
    assert cable.counts()["up-injected"] == 7
