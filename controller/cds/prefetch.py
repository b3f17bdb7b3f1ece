"""Prefetch templates: which FHIR queries of a service we answer, read from its words; others are left to it.

    query = asked("Observation?patient={{context.patientId}}&code=http://loinc.org|84413-4", tokens)
    found = resources.answer(query)

A template is answered only if every part of it is understood: what is given must be what a FHIR server would
give (CDS Hooks 2.0, Prefetch Template). No data is `null`; what is not answered has no key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

_TOKEN = re.compile(r"\{\{([^{}]*)\}\}")
_LONGEST = 500
MOST = 1000
"""Resources of one search."""
_KNOWN: Mapping[str, frozenset[str]] = {
    "AllergyIntolerance": frozenset({"patient", "clinical-status"}),
    "MedicationRequest": frozenset({"patient", "status"}),
    "Observation": frozenset({"patient", "code", "_count", "_sort"}),
}
"""Search parameters of each type that we keep; `patient` always is the patient of the hook."""
_SORTS = frozenset({"", "-date"})
LOINC = "http://loinc.org"


@dataclass(frozen=True, slots=True)
class Query:
    """A query that we answer, of the patient of the hook."""

    kind: str
    """FHIR R4 resource type; "Patient" is a read, all others are searches."""
    values: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """By parameter, any of which a resource must have; no key: it is not asked."""
    most: int = MOST
    """Of what is found the first so many: `_count`."""

    @property
    def text(self) -> str:
        """In short, for the trail: "Observation"."""
        return self.kind


def asked(template: str, tokens: Mapping[str, str]) -> Query | None:
    """The query of a template; None: it is left to the service. `tokens`: "context.patientId", …"""
    if len(template) > _LONGEST:
        return None
    text = _filled(template, tokens)
    patient = tokens.get("context.patientId", "")
    if text is None or not patient:
        return None
    if text == f"Patient/{patient}":
        return Query("Patient")
    kind, mark, rest = text.partition("?")
    known = _KNOWN.get(kind)
    pairs = parse_qsl(rest, keep_blank_values=True, max_num_fields=20) if rest.count("&") < 20 else []
    if known is None or not mark or not pairs or not {name for name, _ in pairs} <= known:
        return None
    return _search(kind, dict(pairs), patient) if len(dict(pairs)) == len(pairs) else None


def _filled(template: str, tokens: Mapping[str, str]) -> str | None:
    """None: a token is none that we have."""
    if not all(name in tokens for name in _TOKEN.findall(template)):
        return None
    text = _TOKEN.sub(lambda found: tokens[found[1]], template)
    return None if "{" in text or "}" in text else text


def _search(kind: str, pairs: dict[str, str], patient: str) -> Query | None:
    if pairs.pop("patient", None) not in (patient, f"Patient/{patient}"):
        return None
    most, sort = pairs.pop("_count", str(MOST)), pairs.pop("_sort", "")
    if sort not in _SORTS or not (most.isascii() and most.isdecimal() and 1 <= int(most[:9]) <= MOST):
        return None
    values = {name: frozenset(_code(one) for one in value.split(",")) for name, value in pairs.items()}
    if any("" in some for some in values.values()):
        return None
    return Query(kind, values, int(most[:9]))


def _code(value: str) -> str:
    """A token of search; that of another system than ours is one that nothing has."""
    system, bar, code = value.rpartition("|")
    return code if not bar or system == LOINC or "/CodeSystem/" in system else f"{system}|{code}"
