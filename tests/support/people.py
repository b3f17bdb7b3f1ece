"""People of a running controller: with roles, wards, and a lasting password."""

from collections.abc import Collection

from controller.api.context import CONTEXT
from controller.registry import Patient
from controller.security.accounts import Accounts, By
from controller.security.permissions import Role
from tests.support.controller import PASSWORD, RunningController

TEST = By("test")


def accounts(controller: RunningController) -> Accounts:
    """The running controller's own, so that what it ends ends at once."""
    return controller.app[CONTEXT].accounts


async def add_person(
    controller: RunningController, name: str, role: Role, wards: Collection[str] | None
) -> None:
    """A person who has changed the one-time password to PASSWORD."""
    await accounts(controller).create(name, [role], wards, TEST)
    await accounts(controller).choose_password(name, PASSWORD, TEST)


async def two_wards(controller: RunningController) -> None:
    """Ward A: bed-1 (ox-1, P1) and anna, a nurse. Ward B: bed-b (ox-b, P2) and ben, a nurse.

    Needs bed-1 of ward A.
    """
    registry = controller.registry
    await registry.add_ward("ward-b", "Ward B")
    await registry.add_bed("bed-b", "ward-b", "Bed B")
    await controller.add_device("ox-b")
    await registry.assign("ox-b", "bed-b", "test")
    await registry.admit("bed-1", Patient("P1", "One Alpha"), "test")
    await registry.admit("bed-b", Patient("P2", "Two Beta"), "test")
    await add_person(controller, "anna", Role.NURSE, ["ward-a"])
    await add_person(controller, "ben", Role.NURSE, ["ward-b"])
