"""What has been committed, told to the hub."""

from controller.clock import Clock
from controller.condition import change_by
from controller.hub import Hub
from controller.live import AlertNow, EventNow, Place
from controller.plan import Plan
from controller.presence import Presence
from controller.registry import CONTROLLER
from controller.store import Store
from controller.store.latest import latest_alerts, latest_events, latest_values
from devices.model.observation import Priority
from devices.wire.messages import Birth, GatewayState

STORE_FAILS = "controller-store-fails"
"""The alert that says that nothing can be stored."""


class Announcer:
    """Keeps the hub in step with the database."""

    def __init__(self, hub: Hub, presence: Presence, clock: Clock) -> None:
        self._hub = hub
        self._presence = presence
        self._clock = clock
        self._failing = False

    async def restore(self, store: Store) -> None:
        """Tell the hub the newest of everything that is stored. Raises StoreError."""
        self._hub.values(await latest_values(store))
        self._hub.alerts(await latest_alerts(store))
        for event in await latest_events(store):
            self._event(event)

    def announce(self, plan: Plan) -> None:
        """A batch has been committed."""
        batch = plan.batch
        for anchor in batch.anchors.values():
            if anchor.moved or anchor.learned_utc:
                self._hub.reanchored(anchor.gateway, anchor.boot, anchor.offset_us, anchor.utc_offset_us)
            anchor.saved()
        self._hub.values(value for block in batch.blocks for _, _, value in block.readings)
        self._hub.waves(wave for block in batch.blocks for _, _, wave in block.waves)
        self._hub.alerts(alert for block in batch.blocks for _, _, alert in block.alerts)
        for block in batch.blocks:
            for _, _, event in block.events:
                self._event(event)
        for told in plan.told:
            seen_us = None if told.arrived.retained else told.arrived.at_us
            self._told(told.gateway, told.message, seen_us)

    def wants_birth(self, gateway: str) -> bool:
        """Whether to ask `gateway`, which has just sent a block, for its birth."""
        return self._presence.wants_birth(gateway, self._clock.now_us())

    def broker_lost(self) -> None:
        """The connection to the broker is gone: of no gateway is it known that it is there."""
        for gateway in self._presence.broker_lost():
            self._hub.gateway(gateway, {"state": "offline"})

    def store_fails(self, why: str) -> None:
        """Nothing can be stored: an alert of highest priority for every screen."""
        self._failing = True
        self._store_alert(active=True, detail={"why": why})

    def store_works(self) -> None:
        """Storing works (again)."""
        if self._failing:
            self._failing = False
            self._store_alert(active=False, detail={})

    def _store_alert(self, *, active: bool, detail: dict[str, str | int]) -> None:
        now = self._clock.now_us()
        place = Place(b"", now, now)
        alert = AlertNow(CONTROLLER, None, STORE_FAILS, place, Priority.HIGH, active, detail, None)
        self._hub.alerts([alert])

    def _event(self, event: EventNow) -> None:
        if event.device is not None:
            held = self._hub.device_held(event.device)
            self._hub.device(event.device, change_by(event, held))

    def _told(self, gateway: str, message: Birth | GatewayState, seen_us: int | None) -> None:
        match message:
            case Birth():
                self._presence.born(gateway, message.journal)
            case GatewayState():
                change = self._presence.state(gateway, message, seen_us)
                if change is not None:
                    self._hub.gateway(gateway, change)
