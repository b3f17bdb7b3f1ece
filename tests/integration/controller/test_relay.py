"""controller/telemedicine/relay.py against Debian's coturn."""

import time
from collections.abc import Iterator

import pytest

from controller.telemedicine.relay import GOOD_S, Relay
from tests.support.turn import Client, coturn

SECRET = "a secret of the hospital's own"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with coturn(tmp_path_factory.mktemp("turn"), SECRET) as port:
        yield port


def client(port: int, secret: str, utc_s: float, seat: str = "TV00000001-2") -> Client:
    told = Relay((f"turn:127.0.0.1:{port}",), secret).server(seat, int(utc_s))
    return Client(port, str(told["username"]), str(told["credential"]))


def test_who_has_a_seat_gets_a_relayed_address(port: int) -> None:
    assert client(port, SECRET, time.time()).allocate() == "allocated"


def test_what_has_run_out_opens_nothing(port: int) -> None:
    assert client(port, SECRET, time.time() - GOOD_S - 60).allocate() == "refused 401"


def test_what_another_secret_made_opens_nothing(port: int) -> None:
    assert client(port, "another", time.time()).allocate() == "refused 401"


def test_a_name_that_was_made_good_for_longer_opens_nothing(port: int) -> None:
    told = Relay((), SECRET).server("TV00000001-2", int(time.time()))
    later = f"{int(time.time()) + 10 * GOOD_S}:TV00000001-2"
    assert Client(port, later, str(told["credential"])).allocate() == "refused 401"


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(Relay(("turn:x",), SECRET))
