"""A signed prescription of a running controller, in one step.

rx = await signed(controller, "4711", priority="stat")
"""

from typing import Any

from tests.support.controller import RunningController
from tests.support.http import client
from tests.support.prescribed import Prescriber


async def signed(
    controller: RunningController, patient: str, delivery: str = "ward", **wanted: Any
) -> dict[str, Any]:
    """By anna, with a new key of hers each time."""
    async with client(controller, "anna") as session:
        return await (await Prescriber.of(session)).signed(patient, delivery, **wanted)
