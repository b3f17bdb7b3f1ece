"""What has been committed, told to the hub."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from controller.clock import Clock
from controller.condition import change_by
from controller.hub import Hub
from controller.identity.claims import USED_TWICE
from controller.ingest import Told
from controller.live import AlertNow, Anchored, EventNow, Place
from controller.plan import Plan
from controller.presence import Presence
from controller.registry import CONTROLLER
from controller.store import Store
from controller.store.latest import latest_alerts, latest_events, latest_values
from devices.model.crew import TOLD
from devices.model.observation import Priority
from devices.wire.messages import Birth, GatewayState

STORE_FAILS = "controller-store-fails"
"""The alert that says that nothing can be stored."""
BROKER_FAILS = "controller-broker"
"""The alert that says that something is wrong with the hospital's own broker."""
CLOCK_WRONG, CLOCK_WRONG_US = "controller-clock", 1_000_000
"""The alert that says that UTC and the time scale differ by more than this, until the next start."""


class Announcer:
    """Keeps the hub in step with the database."""

    def __init__(self, hub: Hub, presence: Presence, clock: Clock) -> None:
        self._hub = hub
        self._presence = presence
        self._clock = clock
        self._failing = self._wrong_clock = False
        self._twice: dict[str, str] = {}
        self._broker_is = ""
        self.crew_told: Callable[[], None] = lambda: None
        """Called when something that a crew told has been committed, or when it happened is known better."""

    async def restore(self, store: Store, since_us: int = 0) -> None:
        """Tell the hub the newest of all that is stored, values if since `since_us`. Raises StoreError."""
        values = await latest_values(store, since_us)
        self._hub.values(values)
        self._hub.said(values)
        self._hub.alerts(await latest_alerts(store))
        for event in await latest_events(store):
            self._event(event)

    def announce(self, plan: Plan) -> None:
        """A batch has been committed."""
        batch = plan.batch
        is_moved = any(anchor.changes for anchor in batch.anchors.values())
        known = [anchor for anchor in batch.anchors.values() if anchor.changes or anchor.learned_utc]
        self._hub.reanchored(Anchored(one.gateway, one.boot, one.line.at, one.utc_offset_us) for one in known)
        for anchor in batch.anchors.values():
            anchor.saved()
        self._hub.values(value for block in batch.blocks for value in block.latest())
        self._hub.waves(wave for block in batch.blocks for _, _, wave in block.waves)
        self._hub.alerts(alert for block in batch.blocks for _, _, alert in block.alerts)
        for block in batch.blocks:
            for _, _, event in block.events:
                self._event(event)
        if is_moved or any(event.kind in TOLD for block in batch.blocks for _, _, event in block.events):
            self.crew_told()
        self._told(plan.told)

    def wants_birth(self, gateway: str) -> bool:
        """Whether to ask `gateway`, which has just sent a block, for its birth."""
        return self._presence.wants_birth(gateway, self._clock.now_us())

    def broker_lost(self, broker: int = 0) -> None:
        """The connection to this broker is gone: of no gateway there is it known that it is there."""
        for gateway in self._presence.broker_lost(broker):
            self._hub.gateway(gateway, {"state": "offline"})

    def broker_told(self, why: str, priority: Priority) -> None:
        """What is wrong with an external broker; "": nothing."""
        if why != self._broker_is:
            self._broker_is = why
            self._alert(BROKER_FAILS, priority, active=bool(why), detail={"why": why} if why else {})

    def store_fails(self, why: str) -> None:
        """Nothing can be stored: an alert of highest priority for every screen."""
        self._failing = True
        self._store_alert(active=True, detail={"why": why})

    def store_works(self) -> None:
        """Storing works (again)."""
        if self._failing:
            self._failing = False
            self._store_alert(active=False, detail={})

    def gateway_alert(self, code: str, gateway: str, detail: dict[str, str | int]) -> None:
        """Something is wrong with what a gateway, or whoever says to be it, does here."""
        self._about(gateway, code, active=True, detail=detail)

    def used_twice(self, places: Mapping[str, str]) -> None:
        """Of exactly these gateways the claim was used twice, last from there: one alert each."""
        for gateway in self._twice.keys() - places.keys():
            self._about(gateway, USED_TWICE, active=False, detail={})
        for gateway, where in places.items():
            if self._twice.get(gateway) != where:
                self._about(gateway, USED_TWICE, active=True, detail={"where": where})
        self._twice = dict(places)

    def certificate_ends(self, code: str, active: bool, detail: dict[str, str | int]) -> None:
        """One of the authority's own certificates is about to end (controller/identity/lifetimes.py)."""
        self._alert(code, Priority.MEDIUM, active=active, detail=detail)

    def clock_is(self, ahead_us: int) -> None:
        """UTC is `ahead_us` ahead of the time scale, whose times of day are as much behind then."""
        wrong = abs(ahead_us) > CLOCK_WRONG_US
        if wrong != self._wrong_clock:
            self._wrong_clock = wrong
            detail: dict[str, str | int] = {"ahead_ms": ahead_us // 1000} if wrong else {}
            self._alert(CLOCK_WRONG, Priority.LOW, active=wrong, detail=detail)

    def _store_alert(self, *, active: bool, detail: dict[str, str | int]) -> None:
        self._alert(STORE_FAILS, Priority.HIGH, active=active, detail=detail)

    def _about(self, gateway: str, code: str, *, active: bool, detail: dict[str, str | int]) -> None:
        detail = {"gateway": gateway, **detail}
        self._alert(code, Priority.HIGH, active=active, detail=detail, about=gateway)

    def _alert(
        self,
        code: str,
        priority: Priority,
        *,
        active: bool,
        detail: dict[str, str | int],
        about: str | None = None,
    ) -> None:
        """Of the controller's own: no gateway can end it. `about` tells one from another of the same code."""
        now = self._clock.now_us()
        self._hub.alerts(
            [AlertNow(CONTROLLER, about, code, Place(b"", now, now), priority, active, detail, None)]
        )

    def _event(self, event: EventNow) -> None:
        if event.device is not None:
            held = self._hub.device_held(event.device)
            self._hub.device(event.device, change_by(event, held))

    def _told(self, told: Iterable[Told]) -> None:
        """Births and states. A thousand gateways tell their state each second: one event has a batch's."""
        changes: dict[str, dict[str, Any]] = {}
        for gateway, arrived, message in ((one.gateway, one.arrived, one.message) for one in told):
            match message:
                case Birth():
                    self._presence.born(gateway, message.journal)
                    changes.setdefault(gateway, {})["software"] = message.software
                case GatewayState():
                    seen_us = None if arrived.retained else arrived.at_us
                    change = self._presence.state(gateway, message, seen_us, arrived.broker)
                    changes.setdefault(gateway, {}).update(change or {})
        self._hub.gateways(changes)
