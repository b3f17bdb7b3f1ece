"""Bytes of real devices and worked examples of specifications decode to what their sources say they mean."""

import json
from pathlib import Path
from typing import Any

import pytest

from devices.capture import chunks, decoded
from devices.profiles import Evidence, Profile, profile, profiles
from tests.support.captures import briefly

CAPTURES = Path(__file__).parents[3] / "captures"
EXPECTATIONS = sorted(CAPTURES.glob("*.json"))
ALL = pytest.mark.parametrize("path", EXPECTATIONS, ids=lambda path: path.stem)
RANK = [Evidence.UNVERIFIED, Evidence.EXAMPLE, Evidence.CAPTURE]


def wanted(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def content(path: Path) -> bytes:
    text = path.with_suffix(".txt")
    return (text if text.exists() else path.with_suffix(".bin")).read_bytes()


def serves(expectation: dict[str, Any]) -> list[str]:
    """The profiles whose codec the capture checks."""
    return [expectation["profile"], *expectation.get("also", [])]


@ALL
def test_a_capture_decodes_to_what_its_source_says(path: Path) -> None:
    expected = wanted(path)
    for name in serves(expected):
        assert briefly(decoded(profile(name), content(path))) == expected["expected"]


@ALL
def test_every_capture_cites_its_source_and_says_what_it_is(path: Path) -> None:
    assert wanted(path)["source"]
    assert wanted(path)["origin"] in {"capture", "example"}


def test_every_capture_has_its_expectations_beside_it() -> None:
    captures = [*CAPTURES.glob("*.txt"), *CAPTURES.glob("*.bin")]
    assert sorted(path.stem for path in captures) == [path.stem for path in EXPECTATIONS]
    assert len(EXPECTATIONS) >= 5


@pytest.mark.parametrize("one", profiles().values(), ids=profiles().keys())
def test_a_profile_claims_the_evidence_that_there_is_and_no_more(one: Profile) -> None:
    origins = [Evidence(w["origin"]) for w in map(wanted, EXPECTATIONS) if one.name in serves(w)]
    assert one.evidence == max(origins, key=RANK.index, default=Evidence.UNVERIFIED)


def test_a_serial_capture_may_be_the_raw_bytes_alone() -> None:
    xpod = profile("nonin-xpod")
    text = CAPTURES.joinpath("nonin_df2.txt").read_bytes()
    raw = b"".join(chunk.data for chunk in chunks(xpod.link, text))
    assert briefly(decoded(xpod, raw)) == briefly(decoded(xpod, text))
