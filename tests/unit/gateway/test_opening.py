"""Whether a path was slow to connect over: then the other lanes had better wait."""

import socket

import pytest

from gateway.mqtt import Opening


@pytest.mark.parametrize(("took_s", "is_slow"), [(0.1, False), (1.3, False), (2.5, True), (9.0, True)])
def test_it_is_slow_if_certificates_take_longer_than_over_a_satellite(took_s: float, is_slow: bool) -> None:
    times = iter((10.0, 10.0 + took_s))
    with socket.socket() as sock:
        opening = Opening(lambda: sock, lambda: next(times))
        assert opening.connect() is sock
        assert opening.was_slow() is is_slow


def test_what_has_not_begun_is_not_slow() -> None:
    assert not Opening(socket.socket, lambda: 10.0).was_slow()


def test_an_attempt_that_fails_has_not_begun() -> None:
    def refused() -> socket.socket:
        raise ConnectionRefusedError

    opening = Opening(refused, lambda: 10.0)
    with pytest.raises(ConnectionRefusedError):
        opening.connect()
    assert not opening.was_slow()
