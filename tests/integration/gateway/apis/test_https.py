"""One request over TLS to a server that says anything."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.identity.authority import new_authority
from gateway.apis import https
from gateway.apis.https import LARGEST, Answer, ask
from gateway.enrolment.tls import pinned
from gateway.errors import Unreachable
from tests.support.est import now, server_identity, stranger


async def asked(
    folder: Path, answer: Callable[[bytes], bytes], body: bytes = b"{}", path: str = "/a/b"
) -> tuple[Answer, bytes]:
    """What comes of it, and what the server was told."""
    authority = new_authority(now())[0]
    async with stranger(folder, server_identity(authority, "127.0.0.1"), answer) as server:
        tls = pinned(authority.root)
        got = await ask("POST", f"{server.address}{path}", body, {"X-A": "b"}, tls=tls, timeout_s=10)
        return got, bytes(server.heard)


async def test_status_headers_and_body_come_back(tmp_path: Path) -> None:
    said = b"HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: 2\r\n\r\n{}"
    got, heard = await asked(tmp_path, lambda _: said, b"hello")
    assert (got.status, got.retry_after_s, got.body) == (429, 30, b"{}")
    assert heard.startswith(b"POST /a/b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert heard.endswith(b"X-A: b\r\nContent-Length: 5\r\n\r\nhello")


async def test_what_stands_after_the_question_mark_goes_too(tmp_path: Path) -> None:
    _, heard = await asked(tmp_path, lambda _: b"HTTP/1.1 204 No\r\n\r\n", path="/a?ser_name=b")
    assert heard.startswith(b"POST /a?ser_name=b HTTP/1.1\r\n")


async def test_a_redirection_is_not_followed(tmp_path: Path) -> None:
    said = b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"
    assert (await asked(tmp_path, lambda _: said))[0].status == 302


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", "expected HTTP"),
        (b"SSH-2.0-OpenSSH\r\n", "expected HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "expected HTTP"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(LARGEST), "at most 65536 bytes"),
    ],
)
async def test_what_is_no_answer_is_as_if_none_had_come(tmp_path: Path, said: bytes, words: str) -> None:
    with pytest.raises(Unreachable, match=words):
        await asked(tmp_path, lambda _: said)


@pytest.mark.parametrize("text", ["", "Wed, 21 Oct 2026 07:28:00 GMT", "-5", "\u0665"])
def test_a_wait_that_is_no_number_is_none(text: str) -> None:
    said = b"HTTP/1.1 429 Slow\r\nRetry-After: " + text.encode() + b"\r\nContent-Length: 0\r\n\r\n"
    assert https._answer(said).retry_after_s == 0


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_an_answer_or_none(data: bytes, begun: bool) -> None:
    with suppress(Unreachable):
        assert isinstance(https._answer(b"HTTP/1.1 200 OK\r\n" + data if begun else data), Answer)
