"""Where the patient on a bed came from: the stay on the vehicle that handed them over."""

from dataclasses import dataclass

from controller.store import Store

SHOWN_MS = 86_400_000
"""For so long after it the ride is shown with the bed; it stays in the record, and in the hand-over."""

_RIDE = """SELECT stay.id, stay.bed, bed.name, stay.from_ms, stay.to_ms, handover.at_ms, handover.by
FROM stay AS lying JOIN handover ON handover.to_stay = lying.id
JOIN stay ON stay.id = handover.from_stay JOIN bed ON bed.id = stay.bed
WHERE lying.bed = ? AND lying.to_ms IS NULL AND handover.at_ms > ?"""


@dataclass(frozen=True, slots=True)
class Ride:
    """A stay on a vehicle, and when `by` whom it was taken over."""

    id: int
    vehicle: str
    name: str
    from_ms: int
    to_ms: int
    at_ms: int
    by: str


async def ride(store: Store, bed: str, now_ms: int) -> Ride | None:
    """That of the patient who is on `bed` now; None: in the last day there was none. Raises StoreError."""
    rows = await store.read(_RIDE, (bed, now_ms - SHOWN_MS))
    return Ride(*rows[0]) if rows else None
