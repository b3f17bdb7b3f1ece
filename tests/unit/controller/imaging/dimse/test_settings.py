"""Settings are checked whole before anything listens."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from controller.imaging.dimse.settings import DimseSettings, DimseTls, May, Peer

PRINT = "ab" * 32
TLS = DimseTls(certificate=Path("c.pem"), key=Path("c.key"), ca=Path("ca.pem"))


def settings(**more: Any) -> DimseSettings:
    return DimseSettings(**{"socket": Path("inside.sock"), "folder": Path("dimse"), **more})


def peer(**more: Any) -> Peer:
    return Peer(**{"title": "CT1", "host": "192.0.2.7", **more})


def test_the_ports_are_those_that_are_registered() -> None:
    assert (settings().port, TLS.port) == (11112, 2762)


def test_it_listens_to_this_machine_alone_unless_told_otherwise() -> None:
    assert settings().host == "127.0.0.1"


def test_nobody_is_known_and_a_peer_may_nothing_by_default() -> None:
    assert settings().peers == ()
    assert peer().may == frozenset()


def test_settings_go_through_a_file_unchanged() -> None:
    one = settings(tls=TLS, peers=(peer(fingerprint=PRINT, may=frozenset({May.STORE})),))
    assert DimseSettings.model_validate_json(one.model_dump_json()) == one


@pytest.mark.parametrize("title", ["", " ", "A" * 17, "CT\\1", "CT\n1", " CT1", "CT1 ", "CTÜ"])
def test_a_title_is_one_of_ps3_5(title: str) -> None:
    with pytest.raises(ValidationError, match="AE title"):
        peer(title=title)
    assert peer(title="A" * 16).title == "A" * 16


@pytest.mark.parametrize("fingerprint", ["", "ab", "xy" * 32, "ab" * 33])
def test_a_fingerprint_is_a_sha_256(fingerprint: str) -> None:
    with pytest.raises(ValidationError, match="SHA-256"):
        peer(fingerprint=fingerprint)


def test_a_fingerprint_may_be_written_as_openssl_writes_it() -> None:
    assert peer(fingerprint=":".join(["AB"] * 32)).fingerprint == PRINT


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"peers": (peer(), peer(host="192.0.2.8"))}, "CT1"),
        ({"port": None}, "nobody can connect"),
        ({"peers": (peer(fingerprint=PRINT),)}, "expected tls"),
        ({"port": None, "tls": TLS, "peers": (peer(),)}, "no fingerprint"),
        ({"ports": 1}, "ports"),
    ],
)
def test_what_contradicts_itself_is_said(wrong: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        settings(**wrong)


def test_who_may_commit_can_be_told_the_result() -> None:
    with pytest.raises(ValidationError, match="takes the reports"):
        peer(may=frozenset({May.COMMIT}))
    assert peer(may=frozenset({May.COMMIT}), port=104).port == 104
