"""Whether a path was slow to connect over: longer than its length explains."""

import socket
from collections.abc import Iterator

import pytest

from gateway import paths
from gateway.mqtt import Opening


@pytest.fixture
def opened() -> Iterator[socket.socket]:
    """A connection over loopback, whose round trip is next to nothing."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as sock,
    ):
        yield sock


def test_the_kernel_knows_the_round_trip_of_an_open_connection(opened: socket.socket) -> None:
    assert 0 < paths.round_trip_s(opened) < 1


def test_what_is_no_tcp_connection_has_none() -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        assert paths.round_trip_s(sock) == 0


@pytest.mark.parametrize(
    ("took_s", "trip_s", "is_slow"), [(0.9, 0.0, False), (1.2, 0.0, True), (2.7, 0.6, False)]
)
def test_it_is_slow_if_it_takes_a_second_more_than_three_round_trips(
    opened: socket.socket, monkeypatch: pytest.MonkeyPatch, took_s: float, trip_s: float, is_slow: bool
) -> None:
    monkeypatch.setattr(paths, "round_trip_s", lambda _: trip_s)
    times = iter((10.0, 10.0 + took_s))
    opening = Opening(lambda: opened, lambda: next(times))
    opening.connect()
    assert opening.was_slow() is is_slow


def test_what_has_not_begun_is_not_slow(opened: socket.socket) -> None:
    assert not Opening(lambda: opened, lambda: 10.0).was_slow()
