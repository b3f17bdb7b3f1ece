"""Who looked at what of a patient, out of the audit trail, in words for the patient: pure.

looks = looks_of(entries, zone)        # entries as audit.search.found gives them, the newest first

A person who looks all day is one line a day for each kind of thing. What the patient did is not in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from controller.audit.entry import DONE, GLASS
from controller.clock import Zone, local_text

What = Literal[
    "medicines", "images", "measurements", "visits", "facts", "stay", "payments", "access", "trail", "other"
]
"""The kind of thing that was looked at, or changed."""
Who = Literal["person", "program", "device", "guest", "partner", "hospital"]
"""A member of staff; another program, by a token; a gateway; whom staff invited; another hospital; else."""
_WHAT: tuple[tuple[What, tuple[str, ...]], ...] = (
    ("payments", ("payment", "fhir-invoice")),
    ("access", ("patient-invit", "patient-access", "patient-entered")),
    ("medicines", ("prescription", "medic", "fhir-medic", "fhir-supply", "dispense", "pharmacy", "deliver")),
    ("medicines", ("genotype",)),
    ("medicines", ("custody", "pack-", "drawer", "administration", "patient-taken", "cold", "transport")),
    ("images", ("imaging", "patient-images", "patient-studies", "patient-thumbnail", "patient-picture")),
    ("images", ("patient-annotate", "fhir-imaging", "fhir-diagnostic", "findings", "results")),
    ("visits", ("visit", "room", "conference", "recording")),
    ("trail", ("audit",)),
    ("stay", ("admit", "discharge", "identify", "take-over", "handover", "ride", "arrival", "crew")),
    ("stay", ("assign", "instruct")),
    ("measurements", ("patient-measured-at-home", "patient-target")),
    ("facts", ("patient", "fhir-patient", "fhir-allergy")),
    ("measurements", ("events", "snapshot", "bed", "trends", "waveforms", "assess", "alarm", "move-limit")),
    ("measurements", ("fhir-observation", "classify", "home", "score", "touched", "watching")),
)
"""By how the action's name begins; the first that fits."""
_WHO: Mapping[str, Who] = {
    "token": "program",
    "gateway": "device",
    "guest": "guest",
    "partner": "partner",
}
"""By what stands before the colon, which no user's name has."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody, a kind of thing, a day. Times are UTC, ms."""

    who: Who
    name: str
    """As the trail has it: a user's name."""
    what: What
    day: str
    """"2026-11-26", of the zone."""
    first_ms: int
    last_ms: int
    broke_glass: bool
    """They were not in charge of the patient, and gave a reason."""


def looks_of(entries: Iterable[Mapping[str, Any]], zone: Zone | None = None) -> list[Look]:
    """The newest first. `entries` are of one patient, the newest first."""
    found: dict[tuple[str, What, str, bool], Look] = {}
    for one in entries:
        if one["outcome"] != DONE or one["actor"].startswith("patient:") or not one["actor"]:
            continue
        look = _look(one, zone)
        key = look.name, look.what, look.day, look.broke_glass
        held = found.setdefault(key, look)
        found[key] = replace(held, first_ms=min(held.first_ms, look.first_ms))
    return list(found.values())


def what_of(action: str) -> What:
    """The kind of thing that an entry is about."""
    for what, begins in _WHAT:
        if action.startswith(begins):
            return what
    return "other"


def _look(one: Mapping[str, Any], zone: Zone | None) -> Look:
    at_ms = one["utc_us"] // 1000
    glass = one["why"] == GLASS or one["action"].startswith("break-glass")
    day = local_text(one["utc_us"], "%Y-%m-%d", zone)
    return Look(who_of(one["actor"]), one["actor"], what_of(one["action"]), day, at_ms, at_ms, glass)


def who_of(actor: str) -> Who:
    """What kind of actor it is."""
    kind, colon, _ = actor.partition(":")
    return _WHO.get(kind, "hospital") if colon or actor == "controller" else "person"
