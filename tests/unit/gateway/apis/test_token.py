"""The right to ask: fetched when it is needed, kept until shortly before its end, never told."""

import base64
import json
from email.message import Message
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.observation import Instant, later
from gateway.apis.https import Answer
from gateway.apis.token import Tokens, error_code
from gateway.errors import ApiRefused
from gateway.quality.wire import SCOPES

GOOD = {"access_token": "t-1", "token_type": "Bearer", "expires_in": 600}


class Box:
    """A client, its secret on the disk, and an operator that answers `says`."""

    def __init__(self, folder: Path, **says: Any) -> None:
        self.now, self.said = Instant(0), list[tuple[bytes, dict[str, str]]]()
        self.status, self.says = 200, json.dumps(GOOD | says).encode()
        self.secret = folder / "secret"
        self.secret.write_text("a secret: of/the client\n", encoding="utf-8")
        self.secret.chmod(0o600)
        self.tokens = Tokens("ambulance 7", self.secret, SCOPES, self._post, lambda: self.now)

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        self.said.append((body, headers))
        told: Message = HTTPMessage()
        told["Retry-After"] = "7"
        return Answer(self.status, told, self.says)  # type: ignore[arg-type]


async def test_it_is_asked_for_as_a_client_by_its_secret(tmp_path: Path) -> None:
    box = Box(tmp_path)
    assert await box.tokens.token() == "t-1"
    [(body, headers)] = box.said
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == (
        b"ambulance+7:a+secret%3A+of%2Fthe+client"  # RFC 6749, 2.3.1: form-encoded first
    )
    form = parse_qs(body.decode())
    assert form["grant_type"] == ["client_credentials"]
    assert "quality-on-demand:sessions:create" in form["scope"][0].split()


@pytest.mark.parametrize(("life_s", "good_s"), [(600, 570), (40, 20), (3, 1.5)])
async def test_it_is_kept_until_shortly_before_its_end(tmp_path: Path, life_s: float, good_s: float) -> None:
    box = Box(tmp_path, expires_in=life_s)
    await box.tokens.token()
    box.now = later(box.now, good_s - 0.1)
    await box.tokens.token()
    assert len(box.said) == 1
    box.now = later(box.now, 0.2)
    await box.tokens.token()
    assert len(box.said) == 2


async def test_one_that_was_not_taken_is_forgotten(tmp_path: Path) -> None:
    box = Box(tmp_path)
    await box.tokens.token()
    box.tokens.forget()
    await box.tokens.token()
    assert len(box.said) == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
async def test_a_secret_that_others_can_read_is_not_used_until_that_is_mended(
    tmp_path: Path, mode: int
) -> None:
    box = Box(tmp_path)
    box.secret.chmod(mode)
    with pytest.raises(ApiRefused, match="secret can be read by others: chmod 600"):
        await box.tokens.token()
    assert box.said == []
    box.secret.chmod(0o600)
    assert await box.tokens.token() == "t-1"


async def test_without_its_secret_it_says_which_file(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.secret.unlink()
    with pytest.raises(ApiRefused, match="secret cannot be read"):
        await box.tokens.token()


async def test_a_refusal_says_its_code_and_how_long_to_wait(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.status, box.says = 401, b'{"error": "invalid_client", "error_description": "secret was abc"}'
    with pytest.raises(ApiRefused, match=r"^401 invalid_client$") as caught:
        await box.tokens.token()
    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize(
    "says",
    [
        {"access_token": "two\r\nlines"},
        {"access_token": None},
        {"token_type": "mac"},
        {"expires_in": "soon"},
    ],
)
async def test_what_is_no_token_is_refused_and_not_repeated(tmp_path: Path, says: dict[str, Any]) -> None:
    box = Box(tmp_path, **says)
    with pytest.raises(ApiRefused, match=r"^502 BAD_TOKEN$"):
        await box.tokens.token()


async def test_neither_secret_nor_token_is_in_its_own_description(tmp_path: Path) -> None:
    box = Box(tmp_path)
    await box.tokens.token()
    described = repr(box.tokens).replace(str(tmp_path), "")
    assert "t-1" not in described
    assert "of/the client" not in described


def test_of_an_error_only_its_code_is_passed_on() -> None:
    told = {"status": 409, "code": "CONFLICT", "message": "token abc of +123456789 has one"}
    assert error_code(json.dumps(told).encode()) == "CONFLICT"
    assert error_code(json.dumps(told | {"code": "token abc!"}).encode()) == ""


@given(st.binary(max_size=200))
def test_of_whatever_a_server_sends_a_code_is_short_and_printable(body: bytes) -> None:
    assert error_code(body).isascii()


async def test_without_scopes_none_is_asked_for(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tokens.scopes = ""
    await box.tokens.token()
    assert parse_qs(box.said[0][0].decode()) == {"grant_type": ["client_credentials"]}
