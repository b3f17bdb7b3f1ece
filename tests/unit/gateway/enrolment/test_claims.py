"""A claim comes from a file, a line, or a console that delivers its bytes as it likes."""

from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadClaim
from devices.model.claim import LONGEST, Claim
from gateway.enrolment.claims import Lines, from_file
from gateway.errors import EnrolmentError

CLAIM = Claim("ward-a", "https://10.0.0.5:8443", "mqtts://10.0.0.5:8883", "A" * 22, "0" * 64, 1_900_000_000)


def test_a_file_may_end_with_a_line_break(tmp_path: Path) -> None:
    path = tmp_path / "claim"
    for text in (CLAIM.to_text(), CLAIM.to_text() + "\r\n"):
        path.write_text(text)
        assert from_file(path) == CLAIM


def test_a_dash_is_one_line_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(CLAIM.to_text() + "\nmore"))
    assert from_file(Path("-")) == CLAIM


def test_a_file_that_is_none_or_no_text_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(EnrolmentError, match=r"none: no claim can be read there"):
        from_file(tmp_path / "none")
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    with pytest.raises(EnrolmentError, match=r"picture: no claim can be read there"):
        from_file(tmp_path / "picture")


def test_a_file_of_any_size_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 1_000_000)
    with pytest.raises(EnrolmentError, match="at most 1024 characters, got"):
        from_file(tmp_path / "big")


@given(st.lists(st.text("abc{}", min_size=1, max_size=20)), st.integers(1, 7), st.sampled_from("\r\n"))
def test_lines_come_whole_however_their_bytes_come(lines: list[str], size: int, end: str) -> None:
    reader, data = Lines(), "".join(line + end for line in lines).encode()
    found = [line for at in range(0, len(data), size) for line in reader.receive(data[at : at + size])]
    assert found == lines


def test_what_does_not_end_is_not_kept_and_is_refused() -> None:
    lines = Lines()
    for _ in range(100):
        assert lines.receive(b"x" * 1000) == []
    (line,) = lines.receive(b"\n")
    assert len(line) == LONGEST + 1
    with pytest.raises(BadClaim, match="at most"):
        Claim.from_text(line)
    assert lines.receive(CLAIM.to_text().encode() + b"\r\n") == [CLAIM.to_text()]


@given(st.lists(st.binary(max_size=2000), max_size=5))
def test_no_bytes_surprise(parts: list[bytes]) -> None:
    lines = Lines()
    assert all(len(line) <= LONGEST + 1 for part in parts for line in lines.receive(part))
