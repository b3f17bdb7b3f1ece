"""The report: one page of HTML that needs no network and no script, for whoever has to judge a run.

Everything in it that came from a device is text: Jinja escapes it, `visible` shows what cannot be seen, and
the page's own policy (default-src 'none') would stop what slipped through.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from hil.evidence import plots
from hil.evidence.measurement import Distribution, Measurement
from hil.evidence.run import Outcome, Result, Verdict, verdict_of
from hil.evidence.stored import Record
from hil.evidence.text import limits, moment, plus_minus, rounded, sentence, visible

_TEMPLATES = Path(__file__).parent / "pages"
VERDICTS = {
    Verdict.PASSED: "Every test that ran passed, and every measurement keeps its limits.",
    Verdict.FAILED: "At least one test failed or broke, or a measurement is beyond its limits.",
    Verdict.INCONCLUSIVE: "Nothing failed, but this run does not show that everything holds: "
    "a measurement cannot be told from its limit, or no test passed.",
}
"""In a sentence."""
_MARKS = {
    "passed": "✓",
    "within": "✓",
    "better": "✓",
    "failed": "✗",
    "error": "✗",
    "beyond": "✗",
    "worse": "✗",
    "inconclusive": "?",
    "skipped": "–",
}

_ORDER = {"failed": 0, "error": 0, "inconclusive": 1, "skipped": 3}
"""What a reader has to see first, and last."""
_FEWEST = 5
"""Samples that make a histogram: fewer are told one by one."""


def report(record: Record, signer: str, files: Sequence[str]) -> str:
    """The page of a run; `signer` is the key's fingerprint, `files` are the raw bytes and logs beside it."""
    counts = {result: sum(one.result is result for one in record.run.outcomes) for result in Result}
    return template("report.html").render(
        run=record.run,
        verdict=record.verdict,
        verdict_text=VERDICTS[record.verdict],
        counts=counts,
        tests=sorted(
            ((one, of_test(one, record)) for one in record.run.outcomes),
            key=lambda one: _ORDER.get(one[1], 2),
        ),
        faked=[one for one in record.run.parts if not one.real],
        skipped=[one for one in record.run.outcomes if one.result is Result.SKIPPED],
        single=[one for one in record.taken if isinstance(one.measured, Measurement)],
        many=[
            (one, histogram(one.measured)) for one in record.taken if isinstance(one.measured, Distribution)
        ],
        figures=[(one.title, Markup(plots.drawn(one))) for one in record.figures],
        timeline=Markup(plots.timeline(record.run.faults)) if record.run.faults else "",
        signer=signer,
        files=files,
    )


def of_test(outcome: Outcome, record: Record) -> str:
    """One word for a test with its measurements: a result, or what they make of it."""
    found = verdict_of(outcome, record.taken)
    if outcome.result is Result.PASSED and found is not None:
        return str(found)
    return str(outcome.result)


def histogram(one: Distribution) -> Markup:
    """Its picture; none of a few samples."""
    return Markup(plots.histogram(one) if len(one.samples) >= _FEWEST else "")


@cache
def template(name: str) -> Template:
    """A page; everything that is put into it is escaped, and an unknown name is an error."""
    loader = FileSystemLoader(_TEMPLATES)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, finalize=_shown, trim_blocks=True
    )
    environment.filters |= {
        "limits": limits,
        "plus_minus": plus_minus,
        "rounded": rounded,
        "moment": moment,
        "sentence": sentence,
        "mark": lambda word: _MARKS.get(str(word), "·"),
    }
    return environment.get_template(name)


def _shown(value: object) -> object:
    """What is not seen in a text becomes visible; markup of ours stays as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
