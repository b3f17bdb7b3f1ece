"""A lake beside a store whose history is written row by row (tests/support/history.py)."""

from pathlib import Path

from controller.identity.certificates import By
from controller.lake.building import Written, caught_up, settled, write
from controller.lake.check import Checked, checked
from controller.store import Store
from tests.support.history import BASE_US

DAY_US = 86_400_000_000


async def written(store: Store, lake: Path) -> Written:
    """One generation more, and the store knows of it."""
    await store.write(lambda db: caught_up(db, lake))
    made = write(store.where, lake, BASE_US)
    await store.write(lambda db: settled(db, made, By("test"), BASE_US))
    return made


def held(store: Store, lake: Path) -> Checked:
    """The lake against the store."""
    return checked(store.where, lake)
