"""What one person may see: the beds of some wards, and patients for whom the glass was broken.

A patient of another ward is not shown, not counted and not told from one that does not exist.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_OF_BEDS = frozenset({"values", "wave", "scores", "crew", "radiology", "prescriptions"})
"""Events whose items belong to a patient: without a bed they belong to somebody unknown."""
_AT_BEDS = frozenset({"device", "alert"})
"""Events whose items are at a bed, or at none: those without are everyone's to look after."""


@dataclass(frozen=True, slots=True)
class View:
    """`wards` None: all of them. `patients`: identifiers of people who are seen wherever they are."""

    wards: frozenset[str] | None = None
    patients: frozenset[str] = frozenset()

    def shows(self, ward: str, patient: str | None) -> bool:
        """Whether a bed of `ward` with this patient (None: with nobody) is seen."""
        return self.wards is None or ward in self.wards or (patient is not None and patient in self.patients)

    def beds(self, beds: Iterable[Mapping[str, Any]]) -> frozenset[str]:
        """Ids of those `beds` (BED items of the API) that are seen."""
        return frozenset(
            bed["id"]
            for bed in beds
            if self.shows(bed["ward"], bed["patient"]["identifier"] if bed["patient"] else None)
        )


WHOLE = View()


def shown(kind: str, data: Json, beds: frozenset[str]) -> Json | None:
    """An event's data as those see it who see only `beds`; None: nothing of it. `data` is not changed."""
    if kind in ("snapshot", "registry"):
        return snapshot_of(data, beds)
    if kind == "break-glass":
        return {**data, "items": _on(data["items"], beds)}
    if kind not in _OF_BEDS | _AT_BEDS:
        return data
    items = _at(data["items"], beds) if kind in _AT_BEDS else _on(data["items"], beds)
    return {**data, "items": items} if items else None


def snapshot_of(data: Json, beds: frozenset[str]) -> Json:
    """A snapshot's data as those see it who see only `beds`. `data` is not changed."""
    seen = [bed for bed in data["beds"] if bed["id"] in beds]
    of = {bed["ward"] for bed in seen}
    wards = [ward for ward in data["wards"] if ward["id"] in of]
    return {
        **data,
        "ward": wards[0] if wards else None,
        "wards": wards,
        "beds": seen,
        "devices": _at(data["devices"], beds),
        "values": _on(data["values"], beds),
        "alerts": _at(data["alerts"], beds),
        "break_glass": _on(data["break_glass"], beds),
        "scores": _on(data["scores"], beds),
    }


def _on(items: Iterable[Json], beds: frozenset[str]) -> list[Json]:
    return [item for item in items if item["bed"] in beds]


def _at(items: Iterable[Json], beds: frozenset[str]) -> list[Json]:
    return [item for item in items if item["bed"] is None or item["bed"] in beds]
