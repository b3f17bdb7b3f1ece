"""Who lies in the beds of a ward, as the controller's newest setting says (`devices/model/lying.py`). Pure.

ward = Ward(patients, vehicle="")
ward.settle(settings)               # what that changes: devices at other beds, patients, their limits
ward.where(who)                     # the bed at which a device is, for its alarms
ward.state()                        # all of it again, for a controller that may not have heard it

A vehicle's bed is its crew's: what is said of it here counts nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from devices.model.alarm_limits import CONDITIONS
from devices.model.identity import LocationId
from devices.model.lying import BED, lying, placed
from devices.model.observation import EventKind
from devices.model.orders import Arguments
from gateway.alarms.alarm import Who
from gateway.alarms.patients import Moved, Patients, Settled, Stay

Fact = tuple[EventKind, dict[str, str | int]]
"""What is to be told: the kind of an event, and its detail."""


class Change(NamedTuple):
    """What a setting changed."""

    moved: frozenset[str]
    """Devices that are at another bed now."""
    left: tuple[str, ...]
    """Beds from which a patient left."""
    beds: tuple[str, ...]
    """Beds of which anything changed."""
    facts: tuple[Fact, ...]


@dataclass(slots=True)
class Ward:
    """Of one gateway. `vehicle`: the bed that is its crew's, if there is one."""

    patients: Patients
    vehicle: str = ""
    _places: Mapping[str, str] = field(default_factory=dict[str, str])
    _settled: dict[str, Settled] = field(default_factory=dict[str, Settled])
    """By bed, as it was last said."""

    def where(self, who: Who) -> Who:
        """The device, and where it is: a person's word at the controller goes before this gateway's file."""
        bed = self._places.get(who[0])
        return who if bed is None else (who[0], LocationId(bed) if bed else None)

    def settle(self, settings: Arguments) -> Change:
        """What `settings`, which were checked, say is so from now on, and nothing else."""
        places = {name: bed for name, bed in placed(settings).items() if bed != self.vehicle or not bed}
        moved = {name for name in {*places, *self._places} if places.get(name) != self._places.get(name)}
        self._places = places
        told = {one.bed: one for one in lying(settings) if one.bed != self.vehicle}
        gone = [one for one in self.patients.told() if one.bed not in told]
        for stay in gone:
            self.patients.end(stay.bed)
        earlier = self._settled
        self._settled = {bed: self.patients.settle(one) for bed, one in told.items()}
        facts = [self._nobody(stay.bed) for stay in gone]
        for bed, one in self._settled.items():
            facts += _news(one, earlier.get(bed))
        left = [one.bed for one in gone]
        left += [bed for bed, one in self._settled.items() if one.before and one.before.id != one.now.id]
        changed = [bed for bed, one in self._settled.items() if one.before != one.now]
        return Change(frozenset(moved), tuple(left), (*left, *changed), tuple(facts))

    def state(self) -> list[Fact]:
        """Classes of beds, and whose limits hold where, of this start."""
        if self.vehicle:
            return []
        beds = {BED + bed: str(one) for bed, one in self.patients.beds.items()}
        classes: Fact = EventKind.CLASSES, {"usual": str(self.patients.usual), **beds}
        return [classes, *(fact for one in self._settled.values() for fact in _facts(one))]

    def _nobody(self, bed: str) -> Fact:
        return EventKind.LYING, {"bed": bed, "stay": "", "class": str(self.patients.class_at(bed))}


def limit_fact(stay: Stay, code: str, moved: Moved | None, by: str) -> Fact:
    """That a limit of `stay` is `moved` there, or that of the class (None), by whom."""
    usual = CONDITIONS[code].limits.get(stay.patient, "") if code in CONDITIONS else ""
    whose = {"bed": stay.bed, "stay": stay.id, "code": code, "by": by}
    return EventKind.LIMIT, {**whose, "value": str(moved.value) if moved else "", "usual": str(usual)}


def _news(one: Settled, earlier: Settled | None) -> Iterable[Fact]:
    """What is so now and was not before. What was refused before is told once."""
    before = one.before
    if before is None or before.id != one.now.id:
        return _facts(one)
    old = _limits(Settled(None, before, earlier.refused if earlier else {}))
    new = _limits(one)
    ended = [
        limit_fact(one.now, code, None, before.limits[code].by)
        for code in old.keys() - new.keys()
        if code in before.limits
    ]
    changed = [fact for code, fact in new.items() if old.get(code) != fact]
    return [*(_lying(one) if before.patient != one.now.patient else ()), *ended, *changed]


def _facts(one: Settled) -> list[Fact]:
    return [*_lying(one), *_limits(one).values()]


def _lying(one: Settled) -> list[Fact]:
    return [(EventKind.LYING, {"bed": one.now.bed, "stay": one.now.id, "class": str(one.now.patient)})]


def _limits(one: Settled) -> dict[str, Fact]:
    taken = {code: limit_fact(one.now, code, moved, moved.by) for code, moved in one.now.limits.items()}
    return taken | {code: _refused(one.now, code, *why) for code, why in one.refused.items()}


def _refused(stay: Stay, code: str, moved: Moved, why: str) -> Fact:
    kind, detail = limit_fact(stay, code, None, moved.by)
    return kind, {**detail, "refused": str(moved.value), "why": why[:200]}
