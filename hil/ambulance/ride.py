"""The beginning of the demo's ride, told as a crew tells it."""

from hil.ambulance.page import CrewPage
from hil.demo_ambulance import CREW
from hil.until import until

_UNKNOWN = {"sex": "male", "age": 60}
"""What the crew knows of who is on board."""


async def begin_ride(address: str, pin: str) -> None:
    """The crew says who is on board, if the box at `address` knows of nobody. Raises NotReady."""
    async with CrewPage(address, CREW, pin) as page:
        await page.log_in()
        await until("the crew's page", lambda: bool(page.shown))
        if page.case.get("stay") is None:
            await page.tell("patient", {"action": "begin", **_UNKNOWN})
