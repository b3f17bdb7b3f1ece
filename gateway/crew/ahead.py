"""The traffic lights ahead, as the hospital tells what a city answered; how old that is says the page."""

from collections.abc import Callable
from typing import Any

from devices.errors import BadCrew
from devices.model.lights import heard
from devices.model.observation import Instant
from devices.model.orders import Arguments
from gateway.clock import Clock
from gateway.errors import CaseConflict

_MS = 1_000_000


class Ahead:
    """Of one vehicle. `publish` tells the pages."""

    def __init__(self, clock: Clock, publish: Callable[[str, dict[str, Any]], None]) -> None:
        self._clock, self._publish = clock, publish
        self._at: Instant | None = None
        self._lights: list[dict[str, str]] = []

    @property
    def item(self) -> dict[str, Any]:
        """`lights`: name and status, the nearest first; `at_ms`: when they were heard of, None: never."""
        return {"lights": self._lights, "at_ms": None if self._at is None else self._at // _MS}

    async def told(self, arguments: Arguments) -> None:
        """The command CORRIDOR. Raises CaseConflict: it says nothing that a page could show."""
        try:
            lights = heard(str(arguments["lights"]))
        except BadCrew as error:
            raise CaseConflict(str(error)) from error
        self._lights, self._at = [one._asdict() for one in lights], self._clock.now()
        self._publish("corridor", {"corridor": self.item})
