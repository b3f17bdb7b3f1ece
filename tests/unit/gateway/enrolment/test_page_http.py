"""The page's HTTP is strict: what is not a plain request of a browser is refused."""

import contextlib
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.enrolment.page_http import MOST_BODY, BadRequest, claim_in, head, response

GET = b"GET /?lang=zh HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX-Any: a, b\r\n\r\n"


def test_a_browser_s_request_is_read() -> None:
    found = head(GET)
    assert (found.method, found.path, found.query, found.length) == ("GET", "/", "lang=zh", 0)
    assert found.headers == {"host": "127.0.0.1:8080", "x-any": "a, b"}


@pytest.mark.parametrize(
    "bad",
    [
        b"DELETE / HTTP/1.1\r\n\r\n",
        b"GET http://elsewhere/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\r\n\r\n",
    ],
)
def test_anything_else_is_none(bad: bytes) -> None:
    with pytest.raises(BadRequest) as raised:
        head(bad)
    assert raised.value.status == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"Content-Length: -1", 400),
        (b"Content-Length: 1, 1", 400),
        (b"Content-Length: 0x10", 400),
        (b"Transfer-Encoding: chunked", 400),
        (b"Content-Length: %d" % (MOST_BODY + 1), 413),
        (b"Content-Length: 99999999999999", 400),
    ],
)
def test_a_body_of_unclear_or_great_length_is_refused(header: bytes, status: int) -> None:
    with pytest.raises(BadRequest) as raised:
        _ = head(b"POST / HTTP/1.1\r\n" + header + b"\r\n\r\n").length
    assert raised.value.status == status


@given(st.binary(max_size=200))
def test_no_bytes_surprise(data: bytes) -> None:
    for received in (data, GET[:-2] + data, b"POST / HTTP/1.1\r\n" + data):
        with contextlib.suppress(BadRequest):
            _ = head(received + b"\r\n\r\n").length
    claim_in(data)


@given(st.text(max_size=200))
def test_the_form_s_field_comes_back(text: str) -> None:
    with contextlib.suppress(UnicodeEncodeError):
        assert claim_in(urlencode({"claim": text}).encode()) == text.strip()


def test_a_form_with_many_fields_is_not_read() -> None:
    assert claim_in(b"&".join(b"claim=1" for _ in range(100))) == ""


def test_an_answer_says_its_length_and_lets_nothing_be_kept_framed_or_run() -> None:
    said = response(HTTPStatus.OK, "<p>网关</p>")
    head_, body = said.split(b"\r\n\r\n")
    assert b"Content-Length: %d" % len(body) in head_.split(b"\r\n")
    for wanted in (b"Cache-Control: no-store", b"default-src 'none'", b"frame-ancestors 'none'", b"nosniff"):
        assert wanted in head_
