"""Checks one line of a prescription against everything that is known; says what it could not check."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from controller.prescriptions.checks.allergies import check_allergies
from controller.prescriptions.checks.doses import check_doses
from controller.prescriptions.checks.findings import gap, in_order, name_of
from controller.prescriptions.checks.knowledge import Knowledge
from controller.prescriptions.checks.model import Checked, Facts, Gap, Hint, Kind, Line
from controller.prescriptions.checks.pairs import check_pairs
from controller.prescriptions.checks.patient import Patient, understood

if TYPE_CHECKING:
    from datetime import date


def check(base: Knowledge, wanted: Line, others: Sequence[Line], patient: Facts, now: "date") -> Checked:
    """`others`: the patient's other active prescriptions; `now`: today, UTC.

    Their order changes nothing, and one with the id of `wanted` is not its own duplicate.
    """
    beside = sorted((line for line in others if line.id != wanted.id), key=lambda line: line.id)
    known = understood(patient, now)
    found = [
        *_unknown(base, (wanted, *beside)),
        *check_allergies(base, wanted, patient),
        *check_pairs(base, wanted, beside),
        *check_doses(base, wanted, beside, known),
        *_old(known),
    ]
    hints = in_order([one for one in found if isinstance(one, Hint)])
    return Checked(hints, _gaps(found), tuple(each.source for each in base.bases))


def _gaps(found: Iterable[Hint | Gap]) -> tuple[Gap, ...]:
    """Each once, in one order."""
    gaps = {(one.kind, one.code, one.what.en): one for one in found if isinstance(one, Gap)}
    return tuple(gaps[key] for key in sorted(gaps))


def _unknown(base: Knowledge, lines: Sequence[Line]) -> Iterator[Gap]:
    """Medicines of which nothing is known: neither class nor interaction is found with them."""
    if not base.bases:
        yield gap(Kind.INTERACTION, "no-knowledge")
    for line in lines:
        if not line.medicine.ingredients:
            yield gap(Kind.INTERACTION, "no-ingredients", name_of(line))
        for ingredient in line.medicine.ingredients:
            if not base.known(ingredient):
                yield gap(Kind.INTERACTION, "unknown-substance", ingredient.display)


def _old(patient: Patient) -> Iterator[Gap]:
    for fact in patient.old:
        yield gap(Kind.DOSE, f"old-{fact.name}", str(fact.age_days))
