"""Our own services, as CDS Hooks 2.0: early warning of a patient who lies here, and our checks of an order.

DISCOVERY                                       # what GET /cds-services says
asked = read_request(body, "wardlink-news2")    # raises CdsError
cards = news2_cards(score_item, where)          # [] is "nothing to say", which is not "harmless"
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import uuid4

import orjson
from pydantic import Field, StringConstraints, ValidationError

from controller.cds.errors import CdsError
from controller.cds.model import Json, Wire
from controller.clock import utc_text
from controller.prescriptions.checks.model import Checked, Gap, Hint, Severity

NEWS2, CHECKS = "wardlink-news2", "wardlink-checks"
_PATIENT = {"patient": "Patient/{{context.patientId}}"}
DISCOVERY: Mapping[str, Any] = {
    "services": [
        {
            "hook": "patient-view",
            "id": NEWS2,
            "title": "Wardlink: early warning (NEWS2)",
            "description": "The National Early Warning Score 2 of a patient who lies on a bed here, as it is "
            "now, with the age and the source of each part.",
            "prefetch": _PATIENT,
            "usageRequirements": "The patient is found by an identifier of the prefetched Patient.",
        },
        {
            "hook": "order-sign",
            "id": CHECKS,
            "title": "Wardlink: checks of prescriptions",
            "description": "Allergies, duplicates, doses, age, renal function and interactions by the "
            "knowledge bases of this hospital. Each card names its base with edition and licence.",
            "prefetch": _PATIENT,
            "usageRequirements": "The patient is found by an identifier of the prefetched Patient.",
        },
    ]
}
_INDICATOR: Mapping[Severity, str] = {
    Severity.CONTRAINDICATED: "critical",
    Severity.SERIOUS: "warning",
    Severity.MODERATE: "warning",
    Severity.INFORMATION: "info",
}
_RISK: Mapping[str, str] = {"high": "critical", "medium": "warning", "low-medium": "warning"}
_LONGEST, _MOST_GAPS = 139, 20


class HookRequest(Wire):
    """What a client asks."""

    hook: Literal["patient-view", "order-sign"]
    hookInstance: Annotated[str, StringConstraints(min_length=1, max_length=100)]  # noqa: N815
    context: Json
    prefetch: Json = Field(default_factory=dict[str, object])


def read_request(body: bytes) -> HookRequest:
    """What was asked. Raises CdsError."""
    try:
        return HookRequest.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise CdsError("expected a JSON object, the body is not JSON") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))[:120]
        raise CdsError(f"expected a request of CDS Hooks 2.0: {where}: {first['msg']:.120}") from None


def identifiers_of(asked: HookRequest) -> tuple[list[str], str] | None:
    """The identifiers of the Patient that was prefetched, and its birth date; None: there is none."""
    patient = asked.prefetch.get("patient")
    if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
        return None
    held = patient.get("identifier")
    found = [one.get("value") for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    born = patient.get("birthDate")
    return [one for one in found[:20] if isinstance(one, str)], born if isinstance(born, str) else ""


def news2_cards(item: Mapping[str, Any], bed: str, to_utc_ms: int) -> list[Json]:
    """Of a SCORE item (controller/scores/board.py)."""
    score: Mapping[str, Any] | None = item["news2"]
    if score is None:
        return [_card("NEWS2 cannot be told: nothing that it is made of is known", "info", "", _RCP)]
    at = utc_text((item["at_ms"] + to_utc_ms) * 1000)[:16]
    missing = ", ".join(score["missing"])
    known = f"NEWS2 {score['total']}" if score["total"] is not None else f"NEWS2 at least {score['least']}"
    lack = f", not known: {missing}" if missing else ""
    summary = f"{known} ({score['risk']}) at {at}Z{lack}"
    lines = [f"Bed {bed}, scale {score['scale']}."]
    lines += [_part_line(part, item["at_ms"]) for part in score["parts"]]
    indicator = _RISK.get(str(score["risk"]), "info")
    return [_card(summary, indicator, "\n".join(f"- {one}" for one in lines), _RCP)]


def check_cards(found: Checked) -> list[Json]:
    """A card for each hint, and one that says what was not checked."""
    cards = [_of_hint(one) for one in found.hints]
    names = "; ".join(f"{one.name} ({one.edition}, {one.licence})" for one in found.sources)
    if found.not_checked:
        cards.append(_of_gaps(found.not_checked, names))
    return cards


def unread_cards(whys: Iterable[str]) -> list[Json]:
    """Orders of which our checks could not be asked."""
    return [
        _card(f"Not checked: {why}", "info", "", {"label": "Wardlink"}) for why in dict.fromkeys(whys) if why
    ]


def unknown_patient(why: str) -> list[Json]:
    """Nothing is told of a patient who is not known here."""
    return [_card(f"Not checked: {why}", "info", "", {"label": "Wardlink"})]


_RCP = {
    "label": "NEWS2, Royal College of Physicians 2017, made by Wardlink",
    "url": "https://www.rcp.ac.uk/improving-care/resources/national-early-warning-score-news-2/",
}


def _part_line(part: Mapping[str, Any], now_ms: int) -> str:
    what = str(part["parameter"])
    if part["points"] is None:
        return f"{what}: not known ({part['lack'] or 'no value'})"
    age = max(now_ms - part["at_ms"], 0) // 60_000 if part["at_ms"] is not None else None
    old = "" if age is None else f", {age} min old"
    by = f", by {part['device']}" if part["device"] else ", entered by hand"
    return f"{what}: {part['value']} ({part['points']} points{old}{by})"


def _of_hint(one: Hint) -> Json:
    facts = [
        f"- {fact.name}: {fact.value} {fact.unit}".rstrip()
        + ("" if fact.age_days is None else f" ({fact.age_days} days old)")
        for fact in one.facts
    ]
    said = [one.what.en, one.what.zh, *facts, f"Licence: {one.licence}", one.reference]
    label = f"{one.source} ({one.edition})"
    text = "\n\n".join(part for part in said if part)
    return _card(one.what.en, _INDICATOR[one.severity], text, {"label": label})


def _of_gaps(gaps: Sequence[Gap], sources: str) -> Json:
    lines = [f"- {one.what.en}" for one in gaps[:_MOST_GAPS]]
    more = [f"- and {len(gaps) - _MOST_GAPS} more"] if len(gaps) > _MOST_GAPS else []
    text = "\n".join([*lines, *more, "", f"Asked: {sources}"])
    return _card(f"Not checked: {len(gaps)} things", "info", text, {"label": "Wardlink: checks"})


def _card(summary: str, indicator: str, detail: str, source: Mapping[str, str]) -> Json:
    short = summary if len(summary) <= _LONGEST else summary[: _LONGEST - 1] + "…"
    card: Json = {
        "uuid": str(uuid4()),
        "summary": short,
        "indicator": indicator,
        "source": dict(source),
    }
    return card | ({"detail": detail} if detail else {})
