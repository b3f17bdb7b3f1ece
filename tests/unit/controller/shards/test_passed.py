"""That a request was passed on is believed of controllers of the same site alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.security.sealing import Sealing
from controller.shards.passed import FRESH_MS, Asked, Seal
from tests.unit.controller.conftest import TestClock

ASKED = Asked("https://c2.example:8080", "GET", "/api/robots?floor=1", "wardlink.example")


@pytest.fixture(scope="module")
def sealing(tmp_path_factory: pytest.TempPathFactory) -> Sealing:
    return Sealing(tmp_path_factory.mktemp("keys") / "key")


def test_what_another_controller_says_is_believed(sealing: Sealing) -> None:
    seal = Seal(sealing, TestClock())
    assert seal.opened(ASKED, seal.of(ASKED, "2001:db8::1")) == "2001:db8::1"


@pytest.mark.parametrize(
    "other",
    [
        ASKED._replace(to="https://c3.example:8080"),
        ASKED._replace(method="POST"),
        ASKED._replace(target="/api/robots/stop"),
        ASKED._replace(host="evil.example"),
    ],
)
def test_it_holds_for_that_request_at_that_controller_alone(sealing: Sealing, other: Asked) -> None:
    seal = Seal(sealing, TestClock())
    assert seal.opened(other, seal.of(ASKED, "10.0.0.1")) is None


def test_another_address_or_another_key_is_not_believed(sealing: Sealing, tmp_path: Path) -> None:
    clock = TestClock()
    seal, strange = Seal(sealing, clock), Seal(Sealing(tmp_path / "key"), clock)
    at, _, digest = seal.of(ASKED, "10.0.0.1").split(" ")
    assert seal.opened(ASKED, f"{at} 10.0.0.2 {digest}") is None
    assert seal.opened(ASKED, strange.of(ASKED, "10.0.0.1")) is None


@pytest.mark.parametrize("later_ms", [FRESH_MS + 1, -FRESH_MS - 1])
def test_what_was_said_at_another_time_is_not_believed(sealing: Sealing, later_ms: int) -> None:
    clock = TestClock()
    seal = Seal(sealing, clock)
    header = seal.of(ASKED, "10.0.0.1")
    clock.at_us += later_ms * 1000
    assert seal.opened(ASKED, header) is None


@given(st.text(max_size=60))
def test_any_other_header_is_not_believed(sealing: Sealing, header: str) -> None:
    assert Seal(sealing, TestClock()).opened(ASKED, header) is None
