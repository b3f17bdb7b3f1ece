"""JUnit XML of a run, in pytest's older form (xunit1), which most readers take.

A test that passed with a measurement beyond its limits is a failure here; one whose measurement is
inconclusive is an error: nothing was learnt.
"""

import re
from xml.etree import ElementTree

from hil.evidence.measurement import Judgement
from hil.evidence.run import Outcome, Result
from hil.evidence.stored import Record

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document can hold, however it is written."""


def plain(text: str) -> str:
    """`text` with what XML cannot hold as U+FFFD."""
    return _NOT_XML.sub("\ufffd", text)


def junit(record: Record) -> bytes:
    """The document."""
    suite = ElementTree.Element("testsuite", name=plain(record.run.rig))
    for outcome in (*record.run.outcomes, *_without_outcome(record)):
        suite.append(_case(outcome, record))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite)))
    suite.set("time", f"{sum(one.seconds for one in record.run.outcomes):.3f}")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _without_outcome(record: Record) -> list[Outcome]:
    """Measurements that no test of the run took are a case of their own: a broken limit is never left out."""
    known = {one.test for one in record.run.outcomes}
    names = dict.fromkeys(one.test for one in record.taken if one.test not in known)
    return [Outcome(name, Result.PASSED, 0.0) for name in names]


def _case(outcome: Outcome, record: Record) -> ElementTree.Element:
    file, _, name = outcome.test.partition("::")
    classname = file.removesuffix(".py").replace("/", ".")
    attributes = {
        "classname": classname,
        "name": name or file or "measurements",
        "file": file,
        "time": f"{outcome.seconds:.3f}",
    }
    case = ElementTree.Element("testcase", {key: plain(value) for key, value in attributes.items()})
    for tag, message in _trouble(outcome, record):
        ElementTree.SubElement(case, tag, message=plain(message))
    return case


def _trouble(outcome: Outcome, record: Record) -> list[tuple[str, str]]:
    """What keeps a test from having passed: at most one, the worst."""
    tags = {Result.FAILED: "failure", Result.ERROR: "error", Result.SKIPPED: "skipped"}
    if outcome.result in tags:
        return [(tags[outcome.result], outcome.why)]
    measured = [one.measured for one in record.taken if one.test == outcome.test]
    for judgement, tag in ((Judgement.BEYOND, "failure"), (Judgement.INCONCLUSIVE, "error")):
        if names := [one.name for one in measured if one.judgement is judgement]:
            return [(tag, f"{judgement}: {', '.join(names)}")]
    return []
