"""Bytes of real devices and worked examples of specifications decode to what their sources say they mean."""

import json
from pathlib import Path

import pytest

from devices.capture import chunks, decoded
from devices.profiles import profile
from tests.support.captures import briefly

CAPTURES = Path(__file__).parents[3] / "captures"
EXPECTATIONS = sorted(CAPTURES.glob("*.json"))


@pytest.mark.parametrize("path", EXPECTATIONS, ids=lambda path: path.stem)
def test_a_capture_decodes_to_what_its_source_says(path: Path) -> None:
    wanted = json.loads(path.read_text(encoding="utf-8"))
    said = decoded(profile(wanted["profile"]), path.with_suffix(".txt").read_bytes())
    assert briefly(said) == wanted["expected"]


@pytest.mark.parametrize("path", EXPECTATIONS, ids=lambda path: path.stem)
def test_every_capture_cites_its_source(path: Path) -> None:
    assert json.loads(path.read_text(encoding="utf-8"))["source"]


def test_every_capture_has_its_expectations_beside_it() -> None:
    assert {path.stem for path in CAPTURES.glob("*.txt")} == {path.stem for path in EXPECTATIONS}
    assert len(EXPECTATIONS) >= 5


def test_a_serial_capture_may_be_the_raw_bytes_alone() -> None:
    xpod = profile("nonin-xpod")
    text = CAPTURES.joinpath("nonin_df2.txt").read_bytes()
    raw = b"".join(chunk.data for chunk in chunks(xpod.link, text))
    assert briefly(decoded(xpod, raw)) == briefly(decoded(xpod, text))
