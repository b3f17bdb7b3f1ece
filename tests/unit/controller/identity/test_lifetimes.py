"""People hear in time that a certificate of the authority is about to end, once, and that it is over."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from controller.identity.files import held_authority, keep_controller, keep_server, open_authority
from controller.identity.lifetimes import Endings, Life, lives
from tests.support.succession import succeed
from tests.unit.controller.identity.conftest import NOW

DAY = timedelta(days=1)
ISSUING, ROOT = 1825, 3650
"""Days of their lives."""


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    authority = open_authority(tmp_path / "ca", NOW)
    keep_server(tmp_path / "ca", authority, ["h"], NOW, 90 * DAY)
    keep_controller(tmp_path / "ca", authority, "controller", NOW, 90 * DAY)
    return tmp_path / "ca"


def held(ca: Path, at: datetime = NOW) -> list[Life]:
    return lives(ca, held_authority(ca, at))


def test_all_that_the_authority_has_is_listed(ca: Path) -> None:
    assert [one.name for one in held(ca)] == ["root", "issuing", "server", "controller"]
    succeed(ca, NOW, root=True)
    names = [one.name for one in held(ca)]
    assert names == ["root", "issuing", "server", "controller", "former root", "former issuing"]


@pytest.mark.parametrize(
    ("name", "days"),
    [("root", ROOT - 365), ("issuing", ISSUING - 180), ("server", 75), ("controller", 75)],
)
def test_each_is_told_of_in_time_and_not_before(ca: Path, name: str, days: int) -> None:
    [one] = [one for one in held(ca) if one.name == name]
    assert not one.is_told(NOW + (days - 1) * DAY)
    assert one.is_told(NOW + (days + 1) * DAY)


def test_what_is_former_needs_nobody(ca: Path) -> None:
    succeed(ca, NOW, root=True)
    former = [one for one in held(ca) if one.name.startswith("former")]
    assert not any(one.is_told(NOW + 9000 * DAY) for one in former)


def test_it_is_told_once_and_ends_when_another_is_there(ca: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    alerts: list[tuple[str, bool]] = []
    endings = Endings(lambda code, active, detail: alerts.append((code, active)))
    late = NOW + (ISSUING - 100) * DAY
    keep_server(ca, held_authority(ca, late), ["h"], late, 90 * DAY)
    keep_controller(ca, held_authority(ca, late), "controller", late, 90 * DAY)
    endings.look(held(ca, NOW), NOW)
    for _ in range(3):
        endings.look(held(ca, late), late)
    assert alerts == [("issuing-certificate-ends", True)]
    assert [one.name for one in endings.told] == ["issuing"]
    assert caplog.text.count("wardlink controller authority renew") == 1
    succeed(ca, late)
    endings.look(held(ca, late), late)
    assert alerts[1:] == [("issuing-certificate-ends", False)]
    assert endings.told == []
