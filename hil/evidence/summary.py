"""A run and a comparison as lines for a terminal: what a device said cannot move the cursor."""

from collections.abc import Iterator

from hil.evidence.compare import Comparison, Moved
from hil.evidence.measurement import Measurement
from hil.evidence.report import VERDICTS, of_test, template
from hil.evidence.stored import Record
from hil.evidence.text import limits, moment, plus_minus, rounded, sentence, visible


def summary(record: Record) -> Iterator[str]:
    """The verdict, and how it came about."""
    yield from (_line(one) for one in _summary(record))


def _summary(record: Record) -> Iterator[str]:
    run = record.run
    yield f"rig {run.rig}, seed {run.seed}, began {moment(run.began_utc_us)}"
    yield f"repeat it: {run.command}"
    for part in run.parts:
        yield f"{'real' if part.real else 'faked':6} {part.name}: {part.description}"
    for one in run.outcomes:
        why = f": {one.why.strip().splitlines()[0]}" if one.why.strip() else ""
        yield f"{of_test(one, record):13} {one.seconds:7.1f} s  {sentence(one.test)}{why}"
    for taken in record.taken:
        many = [taken.measured] if isinstance(taken.measured, Measurement) else taken.measured.measured()
        for each in many:
            yield told(each)
    fired = sum(one.fired for one in run.faults)
    if run.faults:
        yield f"faults: {fired} fired, {len(run.faults) - fired} did not and prove nothing"
    yield from run.notes
    yield f"{record.verdict.upper()}: {VERDICTS[record.verdict]}"


def told(one: Measurement) -> str:
    """A measurement in one line."""
    return f"{one.judgement:13} {one.name}: {_value(one)}, limits: {limits(one)}"


def difference(one: Comparison) -> Iterator[str]:
    """What changed from the first run to the second."""
    yield from (_line(line) for line in _difference(one))


def _difference(one: Comparison) -> Iterator[str]:
    for title, turned in (("run", one.facts), ("software", one.digests), ("tests", one.tests)):
        yield f"{title}: {'nothing changed' if not turned else f'{len(turned)} changed'}"
        for each in turned:
            word = f"{each.change}: " if turned is one.tests else ""
            yield f"  {word}{each.name}: {each.before or 'not there'} → {each.after or 'not there'}"
    yield f"measurements: {len(one.measurements)}"
    for each in one.measurements:
        yield f"  {each.change}: {each.name}: {_held(each.before)} → {_held(each.after)}{_limits(each)}"


def _held(one: Measurement | None) -> str:
    return _value(one) if one else "not there"


def _limits(one: Moved) -> str:
    if one.before and one.after and limits(one.before) != limits(one.after):
        return f" (its limits changed: {limits(one.before)} → {limits(one.after)})"
    return ""


def _value(one: Measurement) -> str:
    return f"{rounded(one.value, one.uncertainty)} {one.unit} ({plus_minus(one)})"


def _line(text: str) -> str:
    return visible(text.replace("\n", "<U+000A>"))


def comparison_page(one: Comparison) -> str:
    """The comparison as HTML, as self-contained as a report."""
    return template("compare.html").render(
        one=one, before=one.before, after=one.after, limits_changed=_limits
    )
