"""Entries as FHIR R4 AuditEvents: what R4 requires is there, and codes are of the value sets it binds."""

import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.audit.entry import Entry, canonical
from controller.audit.fhir import audit_event
from controller.clock import utc_text
from tests.support.trails import UTC_US

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
"""hl7.org/fhir/R4/datatypes.html#instant."""
EVENT_TYPES = {"110100", "110101", "110106", "110110", "110113", "110114"}
"""Of hl7.org/fhir/R4/valueset-audit-event-type.html."""
ELEMENTS = {
    *("resourceType", "id", "type", "subtype", "action", "recorded", "outcome", "outcomeDesc"),
    *("purposeOfEvent", "agent", "source", "entity"),
}


def event(entry: Entry) -> dict[str, Any]:
    told = {"number": 7, **orjson.loads(canonical(entry, UTC_US)), "hash": "ab" * 32}
    return audit_event(told, "hospital")


def empty_parts(item: Any) -> list[Any]:
    """FHIR allows no empty object, array or string (hl7.org/fhir/R4/json.html)."""
    if isinstance(item, (dict, list)):
        inner = list(item.values()) if isinstance(item, dict) else item
        return [item] * (not inner) + [part for one in inner for part in empty_parts(one)]
    return [item] * (item in ("", None))


ENTRIES = st.builds(
    Entry,
    action=st.sampled_from(
        ["bed", "events", "admit", "login", "logout", "audit", "ledger-export", "add-bed"]
    ),
    actor=st.sampled_from(["", "anna", "cli:root"]),
    entity=st.sampled_from(["", "bed/1"]),
    outcome=st.sampled_from(["done", "refused", "failed"]),
    patient=st.sampled_from([None, "P1"]),
    where=st.sampled_from(["", "10.0.0.1"]),
    why=st.sampled_from(["", "cardiac arrest"]),
    detail=st.dictionaries(st.sampled_from(["code", "bed"]), st.sampled_from([0, 404, "", "x"])),
)


@given(ENTRIES)
def test_every_event_has_what_r4_requires_and_nothing_that_it_forbids(entry: Entry) -> None:
    told = event(entry)
    assert told.keys() <= ELEMENTS
    assert told["resourceType"] == "AuditEvent"
    assert told["type"]["code"] in EVENT_TYPES
    assert told["action"] in set("CRUDE")
    assert told["outcome"] in {"0", "4", "8", "12"}
    assert INSTANT.fullmatch(told["recorded"])
    assert told["source"]["observer"]
    assert all(isinstance(agent["requestor"], bool) for agent in told["agent"])
    assert empty_parts(told) == []


def test_who_what_whose_when_from_where_and_why_are_all_in_it() -> None:
    told = event(Entry("bed", "anna", "bed/1", patient="P1", where="10.0.0.1", why="cardiac arrest"))
    assert told["type"]["display"] == "Patient Record"
    assert told["subtype"][0]["code"] == "bed"
    assert told["recorded"] == utc_text(UTC_US)
    [agent] = told["agent"]
    assert agent["who"]["identifier"]["value"] == "anna"
    assert agent["network"] == {"address": "10.0.0.1", "type": "2"}
    patient = told["entity"][0]
    assert (patient["what"]["identifier"]["value"], patient["role"]["code"]) == ("P1", "1")
    assert told["purposeOfEvent"] == [{"text": "cardiac arrest"}]
    assert told["entity"][-1]["detail"][-1]["valueString"] == "ab" * 32


@pytest.mark.parametrize(
    ("entry", "kind", "action"),
    [
        (Entry("login", "anna"), ["User Authentication", "Login"], "E"),
        (Entry("logout", "anna"), ["User Authentication", "Logout"], "E"),
        (Entry("trends", "anna", patient="P1"), ["Patient Record"], "R"),
        (Entry("admit", "anna", patient="P1"), ["Patient Record"], "U"),
        (Entry("add-bed", "cli:root"), ["Application Activity"], "C"),
        (Entry("ledger-export", "eva"), ["Export"], "R"),
        (Entry("audit", "otto"), ["Audit Log Used"], "R"),
        (Entry("admit", "anna", outcome="refused"), ["Security Alert"], "U"),
    ],
)
def test_each_kind_of_entry_has_the_code_that_dicom_has_for_it(
    entry: Entry, kind: list[str], action: str
) -> None:
    told = event(entry)
    displays = [told["type"]["display"], *(one["display"] for one in told["subtype"] if "display" in one)]
    assert (displays, told["action"]) == (kind, action)
