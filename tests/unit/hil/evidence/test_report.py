"""The report says all of it, in words for people, and is text whatever a device has said."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.evidence.measurement import Distribution, Measurement
from hil.evidence.report import report
from hil.evidence.run import Outcome, Part, Result, Run, Taken
from hil.evidence.stored import Record
from tests.support.evidence import DELAY, DIGEST, RADIO, begun, filled

EVIL = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Page(HTMLParser):
    """Elements and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.words, self.attributes = list[str](), list[str](), list[tuple[str, str | None]]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def page_of(record: Record) -> Page:
    return Page(report(record, "f" * 64, ["raw/uart.bin"]))


def test_an_auditor_finds_everything_on_it(tmp_path: Path) -> None:
    text = page_of(filled(tmp_path).record).text
    for said in (
        "✓ passed",
        "wardlink hil run --rig emulated --seed 7",
        "2025-10-09 08:53:20 UTC",
        "MicroPython in QEMU's micro:bit",
        "An alarm is at the controller in its time",
        DELAY,
        "A pulse comes by radio (nrf52)",
        "needs the bench: no emulator has this radio",
        "An alarm does not wait for a backlog",
        DIGEST,
        "raw/uart.bin",
        "cable cut",
        "240 bytes cut",
        "no: it proves nothing",
        "Times are those of an emulator.",
        "f" * 64,
    ):
        assert said in text


def test_every_number_is_on_it_in_full(tmp_path: Path) -> None:
    record = filled(tmp_path).record
    shown = {value for name, value in page_of(record).attributes if name == "value"}
    for taken in record.taken:
        one = taken.measured
        values = [one.value] if isinstance(one, Measurement) else one.samples
        assert {str(value) for value in values} <= shown


def test_a_skipped_test_is_told_apart_with_its_reason(tmp_path: Path) -> None:
    text = page_of(filled(tmp_path).record).text
    section = text.partition("Skipped tests What these would show was not shown")[2].partition(
        "Measurements"
    )[0]
    assert RADIO in section
    assert "needs the bench" in section


def test_what_failed_comes_first_and_nothing_is_left_out(tmp_path: Path) -> None:
    evidence = begun(tmp_path)
    for number, result in enumerate((Result.PASSED, Result.SKIPPED, Result.FAILED, Result.ERROR)):
        evidence.outcome(f"t::test_{number}", result, 1.0, "why")
    shown = re.findall(r'<td class="state (\w+)">', report(evidence.record, "f", []))
    assert shown == ["failed", "error", "passed", "skipped"]


def test_what_was_not_said_is_not_left_out(tmp_path: Path) -> None:
    text = page_of(begun(tmp_path).record).text
    for said in (
        "Take everything as faked",
        "None ran.",
        "Skipped tests None.",
        "No fault",
        "? inconclusive",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("result", "value", "word"),
    [
        (Result.PASSED, 1.0, "passed"),
        (Result.PASSED, 9.0, "failed"),
        (Result.PASSED, 2.0, "inconclusive"),
        (Result.FAILED, 1.0, "failed"),
        (Result.ERROR, 1.0, "error"),
    ],
)
def test_a_test_is_shown_with_what_its_measurements_make_of_it(
    result: Result, value: float, word: str, tmp_path: Path
) -> None:
    evidence = begun(tmp_path)
    evidence.measure(Measurement("recovery", value, "s", upper=2.0, uncertainty=0.1), DELAY)
    evidence.outcome(DELAY, result, 1.0, "why")
    evidence.covers("F-02", DELAY)
    page = report(evidence.record, "f", [])
    shown = re.findall(r'<td class="state (\w+)">. \w+</td>', page)
    assert shown[0] == word
    assert shown[-1] == word


def test_a_requirement_whose_test_did_not_run_is_not_covered(tmp_path: Path) -> None:
    evidence = begun(tmp_path)
    evidence.covers("F-02", DELAY)
    assert "did not run" in page_of(evidence.record).text


def _evil(word: str) -> Record:
    run = Run(
        rig=word,
        seed=1,
        began_utc_us=0,
        command=word,
        parts=(Part(word, True, word),),
        digests=((word, word),),
        outcomes=(Outcome(word, Result.FAILED, 1.0, word), Outcome(word, Result.SKIPPED, 1.0, word)),
        notes=(word,),
    )
    values = (Measurement(word, 1.0, "s", note=word), Distribution(word, "s", (1.0, 2.0), note=word))
    return Record(run, tuple(Taken(word, one) for one in values))


def test_what_a_device_says_stays_text() -> None:
    quiet, evil = page_of(_evil("word")), page_of(_evil(EVIL))
    assert evil.tags == quiet.tags
    assert EVIL in html.unescape(report(_evil(EVIL), "f", []))


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1))
def test_no_text_becomes_an_element(word: str) -> None:
    assert page_of(_evil(word)).tags == page_of(_evil("word")).tags


def test_letters_that_turn_the_reading_around_are_shown(tmp_path: Path) -> None:
    evidence = begun(tmp_path)
    evidence.note("\u202edessap saw tI")
    page = report(evidence.record, "f", [])
    assert "\u202e" not in page
    assert "&lt;U+202E&gt;dessap saw tI" in page


def test_it_needs_no_network_and_no_script(tmp_path: Path) -> None:
    page = page_of(filled(tmp_path).record)
    assert not {"script", "link", "iframe", "object", "form"} & (set(page.tags) - {"link"})
    links = [value for name, value in page.attributes if name in ("href", "src")]
    assert links == ["data:,"]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in page.attributes


def test_beside_the_verdict_is_what_was_skipped_and_faked(tmp_path: Path) -> None:
    text = Page(report(filled(tmp_path).record, DIGEST, [])).text
    assert "1 of 2 tests was skipped: what they would show was not shown" in text
    assert "1 of 2 parts were faked: node. This run does not speak for the real ones" in text


def test_a_few_samples_are_told_one_by_one_and_not_drawn() -> None:
    run = Run("emulated", 1, 0, "x", outcomes=(Outcome(DELAY, Result.PASSED, 1.0),))
    for count in (1, 4, 5):
        taken = (Taken(DELAY, Distribution("delay", "s", tuple(0.1 * n for n in range(count)))),)
        page = Page(report(Record(run, taken), DIGEST, []))
        assert f"All {count} values, in s" in page.text
        assert ("svg" in page.tags) == (count == 5)


def test_how_long_recovery_took_is_said_beside_when_it_was_over(tmp_path: Path) -> None:
    assert re.search(r"1\.00 2\.00 3\.50 1\.50", Page(report(filled(tmp_path).record, DIGEST, [])).text)
