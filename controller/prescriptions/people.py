"""Who stands at a drawer or a bed: shown by badge, PIN or password, allowed to do it, and whom they see."""

from typing import NamedTuple

from controller.errors import Conflict
from controller.imaging.sight import WHOLE, Sight
from controller.patients.register import Patients
from controller.registry import Registry
from controller.security.badges import Badges, Shown, Way
from controller.security.permissions import Permission
from controller.security.users import User


class Proved(NamedTuple):
    """A person, by what it is known, and whose things it sees."""

    person: str
    how: Way
    sight: Sight


class People:
    """Methods raise StoreError, too."""

    def __init__(self, badges: Badges, registry: Registry, patients: Patients) -> None:
        self._badges = badges
        self._registry = registry
        self._patients = patients

    async def prove(self, shown: Shown, needs: Permission, where: str) -> Proved:
        """Who it is. Raises NotProved; Conflict: that person may not do it."""
        known = await self._badges.who(shown, where)
        if needs not in known.user.permissions:
            raise Conflict(f"{known.user.name} may not do this: it takes the permission {needs}")
        return Proved(known.user.name, known.how, await self.sight_of(known.user))

    async def sight_of(self, user: User) -> Sight:
        """The patients on the beds of the person's wards, and the out-patients of these."""
        wards = user.wards
        if wards is None:
            return WHOLE
        beds = self._registry.beds.values()
        here = {one.patient.identifier for one in beds if one.patient and one.ward in wards}
        return Sight(frozenset(here) | await self._patients.of_wards(wards))
