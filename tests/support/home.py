"""A ward and its out-patients over HTTP, for the pages at the bed and at home.

made = await at_home(controller, stack)
phone = await made.patient()              # a patient's browser, let in by an invitation
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp

from controller.api import my_schemas as schemas
from controller.sections import SigningSection
from controller.security.permissions import Role
from controller.signing.model import Unlock
from tests.support.controller import RunningController
from tests.support.http import client
from tests.support.people import add_person
from tests.support.prescribed import Prescriber, send

BORN = "1950-03-07"


@dataclass
class Home:
    """The staff of ward-a, and two out-patients of it: 4713 and 4714."""

    controller: RunningController
    anna: Prescriber
    nina: aiohttp.ClientSession
    pia: aiohttp.ClientSession
    stack: AsyncExitStack

    async def invited(self, identifier: str = "4713") -> schemas.InvitationAnswer:
        path = f"/api/patients/{identifier}/invitation"
        return schemas.InvitationAnswer.model_validate(await send(self.nina, "POST", path))

    async def patient(self, identifier: str = "4713") -> aiohttp.ClientSession:
        """On a phone, let in."""
        phone = await self.stack.enter_async_context(client(self.controller))
        code = (await self.invited(identifier)).code
        await send(phone, "POST", "/api/my/session", code=code, birth_date=BORN)
        return phone


async def at_home(controller: RunningController, stack: AsyncExitStack) -> Home:
    """Of a controller that runs with pia, a pharmacist, and an authority."""
    controller.signing = SigningSection(unlock=frozenset(Unlock))
    await controller.stop()
    await controller.start()
    await controller.add_bed("bed-1", "Bed 1")
    await controller.registry.add_ward("ward-b", "Ward B")
    for name, role, ward in (
        ("anna", Role.PHYSICIAN, "ward-a"),
        ("nina", Role.NURSE, "ward-a"),
        ("other", Role.NURSE, "ward-b"),
    ):
        await add_person(controller, name, role, [ward])
    anna, nina, pia = [
        await stack.enter_async_context(client(controller, name)) for name in ("anna", "nina", "pia")
    ]
    for identifier, name in (("4713", "Bach, Carla"), ("4714", "Cramer, Dora")):
        person: dict[str, Any] = {"birth_date": BORN, "sex": "female", "name": name, "ward": "ward-a"}
        await send(nina, "POST", "/api/patients", identifier=identifier, **person)
    return Home(controller, await Prescriber.of(anna), nina, pia, stack)
