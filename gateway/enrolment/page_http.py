"""The little of HTTP that the box's own page needs (RFC 9112), strict: one request a connection."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from gateway.enrolment.page_html import POLICY

MOST_HEAD, MOST_BODY, MOST_PHOTO = 8192, 8192, 12_000_000
"""Bytes of a request: of its head, of its body, and of a body that is a form with a photo."""
_LINE = re.compile(r"(GET|POST) (/[!-~]{0,99}) HTTP/1\.[01]")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
_PHOTO_FORM = re.compile(r"multipart/form-data; *boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})")
_MOST_PARTS = 4
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Connection": "close",
}


class BadRequest(Exception):
    """What came is no request that the page takes; `status` says why."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """A request without its body. `headers` by name in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def boundary(self) -> bytes | None:
        """What is between the parts of a form with a file (RFC 2046, 5.1.1); None: it is another form."""
        found = _PHOTO_FORM.fullmatch(self.headers.get("content-type", ""))
        return found[1].encode("ascii") if found else None

    @property
    def size(self) -> int:
        """Bytes of the body, however many. Raises BadRequest."""
        text = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not re.fullmatch("[0-9]{1,9}", text):
            raise BadRequest(HTTPStatus.BAD_REQUEST)
        return int(text)

    @property
    def length(self) -> int:
        """Bytes of the body of a form without a file. Raises BadRequest."""
        if self.size > MOST_BODY:
            raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.size


def head(data: bytes) -> Head:
    """What `data`, which ends with an empty line, asks for. Raises BadRequest."""
    first, *rest = data.removesuffix(b"\r\n\r\n").decode("latin-1").split("\r\n")
    line = _LINE.fullmatch(first)
    found = [_HEADER.fullmatch(one) for one in rest]
    headers = {one[1].lower(): one[2].strip() for one in found if one}
    if line is None or None in found or len(headers) != len(rest):  # a header that comes twice, too
        raise BadRequest(HTTPStatus.BAD_REQUEST)
    path, _, query = line[2].partition("?")
    return Head(line[1], path, query, headers)


def claim_in(body: bytes) -> str:
    """The field of the form; "" when it has none."""
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=4).get("claim", [""])[0].strip()
    except ValueError:
        return ""


def photo_in(body: bytes, boundary: bytes) -> bytes:
    """The file `photo` of the form (RFC 7578); empty when it has none."""
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary, _MOST_PARTS)
    for part in parts[1:]:
        described, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if b'form-data; name="photo"' in described:
            return data
    return b""


def response(status: HTTPStatus, html: str = "", **more: str) -> bytes:
    """An answer, after which the connection ends."""
    body = html.encode()
    headers = {**_HEADERS, "Content-Length": str(len(body)), **more}
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
    return "\r\n".join(lines).encode("ascii") + body
