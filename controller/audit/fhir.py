"""The trail as FHIR R4 AuditEvent resources (hl7.org/fhir/R4/auditevent.html), as plain dictionaries.

One for each entry and so for each patient, as IHE's Basic Audit Log Patterns ask for. `type` is of the value
set audit-event-type (DICOM PS3.16, CID 400), `subtype` has our own word, and DICOM's for a login.
"""

from collections.abc import Mapping
from typing import Any

from controller.audit.search import CLOSED, WATCHING
from controller.clock import utc_text

Json = dict[str, Any]

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_HL7 = "http://terminology.hl7.org/CodeSystem/"
ACTIONS = "urn:wardlink:audit-action"
"""The system of our own words."""
NUMBERS, HASHES, PATIENTS, USERS = (
    f"urn:wardlink:{what}" for what in ("audit-entry", "audit-hash", "patient", "user")
)

_TYPES = {
    "log": ("110101", "Audit Log Used"),
    "export": ("110106", "Export"),
    "patient": ("110110", "Patient Record"),
    "alert": ("110113", "Security Alert"),
    "login": ("110114", "User Authentication"),
    "other": ("110100", "Application Activity"),
}
_LOGIN_KINDS = {"login": ("110122", "Login"), "logout": ("110123", "Logout")}
_OUTCOMES = {"done": "0", "refused": "4", "failed": "8"}
"""audit-event-outcome: success, minor failure, serious failure."""
_IP_ADDRESS = "2"
"""network-type."""
_READS = frozenset({"snapshot", WATCHING, CLOSED, "bed", "trends", "waveforms", "results"})
_BEGINNINGS = {"add": "C", "create": "C", "register": "C", "remove": "D", "delete": "D", "revoke": "D"}


def audit_event(entry: Mapping[str, Any], observer: str) -> Json:
    """`entry` as `search.told` gives it; `observer` is this controller's name."""
    subtype: list[Json] = [{"system": ACTIONS, "code": entry["action"]}]
    if kind := _LOGIN_KINDS.get(entry["action"]):
        subtype.insert(0, {"system": DICOM, "code": kind[0], "display": kind[1]})
    event: Json = {
        "resourceType": "AuditEvent",
        "id": str(entry["number"]),
        "type": _type(entry),
        "subtype": subtype,
        "action": _action(entry["action"]),
        "recorded": utc_text(entry["utc_us"]),
        "outcome": _OUTCOMES.get(entry["outcome"], "8"),
        "agent": [_agent(entry)],
        "source": {
            "observer": {"display": observer},
            "type": [{"system": f"{_HL7}security-source-type", "code": "4", "display": "Application Server"}],
        },
        "entity": _entities(entry),
    }
    if entry["outcome"] != "done":
        event["outcomeDesc"] = str(entry["detail"].get("code") or entry["outcome"])
    if entry["why"]:
        event["purposeOfEvent"] = [{"text": entry["why"]}]
    return event


def _type(entry: Mapping[str, Any]) -> Json:
    if entry["action"] in _LOGIN_KINDS:
        kind = "login"
    elif entry["outcome"] != "done":
        kind = "alert"
    elif entry["action"].startswith("audit"):
        kind = "log"
    elif "export" in entry["action"]:
        kind = "export"
    else:
        kind = "other" if entry["patient"] is None else "patient"
    code, display = _TYPES[kind]
    return {"system": DICOM, "code": code, "display": display}


def _action(action: str) -> str:
    """audit-event-action: Create, Read, Update, Delete, Execute."""
    if action in _LOGIN_KINDS:
        return "E"
    if action in _READS or action.startswith("audit") or "export" in action:
        return "R"
    return _BEGINNINGS.get(action.partition("-")[0], "U")


def _agent(entry: Mapping[str, Any]) -> Json:
    agent: Json = {"requestor": True}
    if entry["actor"]:
        agent["who"] = {"identifier": {"system": USERS, "value": entry["actor"]}}
        agent["altId"] = entry["actor"]
    if entry["where"]:
        agent["network"] = {"address": entry["where"], "type": _IP_ADDRESS}
    return agent


def _entities(entry: Mapping[str, Any]) -> list[Json]:
    entities: list[Json] = []
    if entry["patient"] is not None:
        patient = {"type": "Patient", "identifier": {"system": PATIENTS, "value": entry["patient"]}}
        entities.append({"what": patient, "type": _entity_type("1", "Person"), "role": _role("1", "Patient")})
    if entry["entity"]:
        thing = {"identifier": {"system": ACTIONS, "value": entry["entity"]}}
        entities.append(
            {"what": thing, "type": _entity_type("2", "System Object"), "role": _role("4", "Domain Resource")}
        )
    detail = [
        {"type": str(name), "valueString": str(value)}
        for name, value in entry["detail"].items()
        if value != ""
    ]
    proof = {
        "what": {"identifier": {"system": NUMBERS, "value": str(entry["number"])}},
        "type": _entity_type("2", "System Object"),
        "role": _role("13", "Security Resource"),
        "detail": [*detail, {"type": HASHES, "valueString": entry["hash"]}],
    }
    return [*entities, proof]


def _entity_type(code: str, display: str) -> Json:
    return {"system": f"{_HL7}audit-entity-type", "code": code, "display": display}


def _role(code: str, display: str) -> Json:
    return {"system": f"{_HL7}object-role", "code": code, "display": display}
