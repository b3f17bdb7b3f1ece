"""Whose limits hold at a bed: those of the class, moved for one patient, until that patient leaves. Pure.

patients.begin("amb-1", stay, PatientClass.CHILD)
patients.put(patients.moved("amb-1", stay, "hr-high", Decimal(170), by="kim"))
patients.limit(condition, "amb-1")
patients.end("amb-1")                  # and nothing of it is there for the next
patients.settle(lying)                 # the same for a bed of a ward, all at once, as the controller says it

A stay is one patient's time at one bed; who begins it gives it a name that does not come again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from devices.model.alarm_limits import CONDITIONS, Condition, PatientClass
from devices.model.lying import Lying
from gateway.errors import LimitRefused


@dataclass(frozen=True, slots=True)
class Moved:
    """A limit of one patient, and who set it."""

    value: Decimal
    by: str


@dataclass(frozen=True, slots=True)
class Stay:
    """Of one patient: `limits` by code, only those that were moved."""

    bed: str
    id: str
    patient: PatientClass
    limits: Mapping[str, Moved] = field(default_factory=lambda: MappingProxyType({}))
    is_told: bool = False
    """The controller said so, and alone says otherwise: a bed of a ward."""

    def as_class(self, patient: PatientClass) -> "Stay":
        """The same patient, of whom more is known: limits that no band of that class has go."""
        kept = {code: one for code, one in self.limits.items() if _is_allowed(code, one.value, patient)}
        return replace(self, patient=patient, limits=MappingProxyType(kept))


class Settled(NamedTuple):
    """What became of what the controller says of a bed."""

    before: Stay | None
    now: Stay
    refused: Mapping[str, tuple[Moved, str]]
    """Limits that this box does not take, by code, and why."""


def _is_allowed(code: str, value: Decimal, patient: PatientClass) -> bool:
    return code in CONDITIONS and CONDITIONS[code].allows(value, patient)


@dataclass(slots=True)
class Patients:
    """`usual` is the class of patients here, `beds` that of single beds where it is another. Nobody lies in
    `boxes`: they have limits of their own, by code, and no others."""

    usual: PatientClass
    beds: Mapping[str, PatientClass]
    boxes: Mapping[str, Mapping[str, Decimal]] = field(default_factory=lambda: MappingProxyType({}))
    _stays: dict[str, Stay] = field(default_factory=dict[str, Stay])

    def at(self, bed: str) -> Stay | None:
        """Who is there, as far as anybody said."""
        return self._stays.get(bed)

    def class_at(self, bed: str) -> PatientClass:
        """For whom the limits are at `bed`."""
        stay = self._stays.get(bed)
        return self.beds.get(bed, self.usual) if stay is None else stay.patient

    def limit(self, condition: Condition, bed: str | None) -> Decimal | None:
        """The limit for who lies at `bed`, or for the box that it is. None: it does not speak of that."""
        if (box := self.boxes.get(bed or "")) is not None:
            return box.get(condition.code)
        stay = self._stays.get(bed or "")
        if stay is None:
            return condition.limits.get(self.beds.get(bed or "", self.usual))
        moved = stay.limits.get(condition.code)
        return condition.limits.get(stay.patient) if moved is None else moved.value

    def begin(self, bed: str, stay: str, patient: PatientClass) -> tuple[Stay | None, Stay]:
        """Who was there, and who is from now on; the same stay again changes no more than its class."""
        before = self._stays.get(bed)
        same = before is not None and before.id == stay
        now = before.as_class(patient) if before is not None and same else Stay(bed, stay, patient)
        self._stays[bed] = now
        return before, now

    def settle(self, lying: Lying) -> Settled:
        """Who is there from now on, and with which limits, whatever was before."""
        patient = PatientClass(lying.patient) if lying.patient else self.beds.get(lying.bed, self.usual)
        limits, refused = dict[str, Moved](), dict[str, tuple[Moved, str]]()
        for code, (value, by) in lying.limits.items():
            moved = Moved(Decimal(value), by)
            try:
                _check(code, moved.value, patient)
                limits[code] = moved
            except LimitRefused as error:
                refused[code] = moved, str(error)
        before = self._stays.get(lying.bed)
        now = Stay(lying.bed, lying.stay, patient, MappingProxyType(limits), is_told=True)
        self._stays[lying.bed] = now
        return Settled(before, now, refused)

    def told(self) -> tuple[Stay, ...]:
        """Those of whom the controller told."""
        return tuple(one for one in self._stays.values() if one.is_told)

    def end(self, bed: str) -> Stay | None:
        """Nobody is there any more; gives who was."""
        return self._stays.pop(bed, None)

    def moved(self, bed: str, stay: str, code: str, value: Decimal | None, by: str) -> Stay:
        """The stay with the limit of `code` moved to `value`, or back to that of its class (None).

        Raises LimitRefused: it is another patient's, or out of the band in which it may be.
        """
        held = self._stays.get(bed)
        if held is None or held.id != stay:
            raise LimitRefused(f"{bed}: another patient, or nobody, is there now: look at the bed again")
        limits = {name: one for name, one in held.limits.items() if name != code}
        _check(code, value, held.patient)
        if value is not None:
            limits[code] = Moved(value, by)
        return replace(held, limits=MappingProxyType(limits))

    def put(self, stay: Stay) -> bool:
        """It is in force from now on. False: another patient, or one of another class, is there meanwhile."""
        held = self._stays.get(stay.bed)
        if held is None or (held.id, held.patient) != (stay.id, stay.patient):
            return False
        self._stays[stay.bed] = stay
        return True

    def kept(self, instead: Stay | None = None) -> list[dict[str, Any]]:
        """What has to outlive the process; with `instead` in place of the same bed's."""
        stays = {**self._stays, **({instead.bed: instead} if instead else {})}
        return [
            {
                "bed": one.bed,
                "stay": one.id,
                "patient": str(one.patient),
                "limits": {code: [str(moved.value), moved.by] for code, moved in one.limits.items()},
                **({"told": True} if one.is_told else {}),
            }
            for one in stays.values()
        ]

    def restore(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Take up what was kept; what the table does not allow any more goes.

        Raises ArithmeticError, LookupError, TypeError or ValueError for what is not of `kept`.
        """
        for one in kept:
            limits = {code: Moved(Decimal(value), str(by)) for code, (value, by) in one["limits"].items()}
            whose = str(one["bed"]), str(one["stay"]), PatientClass(one["patient"])
            stay = Stay(*whose, limits, is_told="told" in one)
            self._stays[stay.bed] = stay.as_class(stay.patient)


def _check(code: str, value: Decimal | None, patient: PatientClass) -> None:
    if code not in CONDITIONS:
        raise LimitRefused(f"expected one of {', '.join(CONDITIONS)}, got {code!r:.60}")
    band = CONDITIONS[code].bands.get(patient)
    if band is None:
        raise LimitRefused(f"{code}: its limit is the same for everybody: it is not moved")
    if value is not None and not CONDITIONS[code].allows(value, patient):
        raise LimitRefused(f"{code} of {patient}: expected {band[0]} to {band[1]}, got {value}")
