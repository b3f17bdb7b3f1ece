"""Bodies of multipart/related: taken apart in whatever pieces they come, written so that others read them."""

from email import message_from_bytes
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.dicomweb.multipart import (
    END,
    LARGEST_HEAD,
    Head,
    Splitter,
    boundary_of,
    envelope,
)
from controller.imaging.errors import BadMultipart

_DICOM = "application/dicom"


def split(body: bytes, boundary: str = "b", pieces: list[int] | None = None) -> list[tuple[str, bytes]]:
    """Media type and bytes of each part; the body comes in `pieces` of these lengths, then the rest."""
    splitter, found, at = Splitter(boundary), list[tuple[str, bytes]](), 0
    kind, content = "", b""
    for length in (*(pieces or []), len(body)):
        for event in splitter.feed(body[at : at + length]):
            if isinstance(event, Head):
                kind, content = event.media_type, b""
            elif event is END:
                found.append((kind, content))
            else:
                assert isinstance(event, bytes)
                content += event
        at += length
    splitter.close()
    return found


def written(parts: list[bytes], boundary: str = "b") -> bytes:
    """As our own answers are written."""
    around = envelope(_DICOM, boundary, [(_DICOM, len(part), None) for part in parts])
    pieces = [piece for pair in zip(around.heads, parts, strict=True) for piece in pair]
    body = b"".join((*pieces, around.tail))
    assert len(body) == around.length([len(part) for part in parts])
    return body


def test_parts_come_out_as_they_went_in() -> None:
    assert split(written([b"one", b"", b"\r\n--x\r\n"])) == [
        (_DICOM, b"one"),
        (_DICOM, b""),
        (_DICOM, b"\r\n--x\r\n"),
    ]


@given(
    st.lists(st.binary(max_size=60).filter(lambda part: b"--b" not in part), min_size=1, max_size=4),
    st.lists(st.integers(0, 9), max_size=60),
)
def test_it_does_not_matter_in_which_pieces_a_body_comes(parts: list[bytes], pieces: list[int]) -> None:
    assert [content for _, content in split(written(parts), pieces=pieces)] == parts


@given(st.lists(st.binary(max_size=80), min_size=1, max_size=4))
def test_another_reader_of_mime_finds_the_same_parts(parts: list[bytes]) -> None:
    around = envelope(_DICOM, "0123456789abcdef", [])
    body = written(parts, "0123456789abcdef")
    message = message_from_bytes(
        b"Content-Type: " + around.content_type.encode() + b"\r\n\r\n" + body, policy=HTTP
    )
    read = [part.get_content_type() for part in message.walk()][1:]
    assert read == [_DICOM] * len(parts)


def test_a_preamble_and_an_epilogue_say_nothing() -> None:
    body = b"hello\r\n--b \t\r\nContent-Type: Application/DICOM; x=1\r\n\r\nDATA\r\n--b--\r\nbye --b\r\n"
    assert split(body) == [(_DICOM, b"DATA")]


def test_a_part_may_have_no_headers() -> None:
    assert split(b"--b\r\n\r\nDATA\r\n--b--") == [("", b"DATA")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary at all",
        b"--b\r\nContent-Type: application/dicom\r\n\r\nDATA",
        b"--b\r\nContent-Type: application/dicom\r\n\r\nDATA\r\n--b",
        b"--b\r\nContent-Type: application/dicom\r\n\r\nDATA\r\n--b-",
        b"--b\r\nContent-Ty",
    ],
)
def test_a_body_without_its_closing_boundary_is_not_whole(body: bytes) -> None:
    with pytest.raises(BadMultipart, match="closing boundary"):
        split(body)


def test_what_follows_a_boundary_is_the_end_of_a_line() -> None:
    with pytest.raises(BadMultipart, match="end of a line"):
        split(b"--bcd\r\n\r\nDATA\r\n--b--")


def test_headers_without_end_are_refused_and_not_kept() -> None:
    splitter = Splitter("b")
    with pytest.raises(BadMultipart, match="headers"):
        for _ in range(LARGEST_HEAD // 100 + 2):
            list(splitter.feed(b"--b\r\n" + b"x" * 100))


def test_a_large_part_is_given_on_as_it_comes_and_not_held() -> None:
    splitter = Splitter("b")
    list(splitter.feed(b"--b\r\n\r\n"))
    given = sum(
        len(event) for _ in range(50) for event in splitter.feed(bytes(1000)) if isinstance(event, bytes)
    )
    assert given > 50_000 - 10


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_are_parts_or_refused(chunks: list[bytes]) -> None:
    splitter = Splitter("b")
    try:
        for chunk in chunks:
            list(splitter.feed(chunk))
        splitter.close()
    except BadMultipart:
        pass


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ('multipart/related; type="application/dicom"; boundary=abc', ("abc", _DICOM)),
        ('multipart/related;boundary="a b\'c"; type=application/dicom', ("a b'c", _DICOM)),
        ("Multipart/Related; Boundary=x", ("x", "")),
    ],
)
def test_the_boundary_is_in_the_content_type(content_type: str, expected: tuple[str, str]) -> None:
    assert boundary_of(content_type) == expected


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/related",
        "multipart/related; boundary=",
        "multipart/form-data; boundary=b",
        "multipart/related; boundary=" + "x" * 71,
        "application/dicom",
        "",
    ],
)
def test_without_a_boundary_it_is_no_multipart(content_type: str) -> None:
    with pytest.raises(BadMultipart):
        boundary_of(content_type)
