"""What is true now, for the screens: the only thing between ingest and registry on one side and the API.

    hub.snapshot()                      everything, ready for JSON
    async for event in hub.subscribe(last_event_id): ...   a snapshot, or what was missed, then what changes

Ingest and registry tell it what has been committed; it keeps the newest of each and sends the change on.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from typing import Any

from controller.audience import Audience
from controller.clock import Clock
from controller.events import EventStream, Subscription
from controller.items import METRIC_ITEMS, new_device, new_gateway, other_patients
from controller.live import AlertNow, Anchored, Place, Value, Wave, reanchored
from controller.scores.board import Scoreboard
from controller.scores.entries import Assessment
from controller.view import WHOLE, View, snapshot_of
from devices.model.scores_sources import FEEDS

Json = dict[str, Any]
NOBODY_TOLD: Mapping[str, int] = {}


class Hub:
    """The newest of everything, and the stream of changes. All of it runs in one event loop."""

    def __init__(self, clock: Clock, session: str) -> None:
        self._clock = clock
        self._stream = EventStream(session)
        self._audience = Audience(self._stream)
        self._wards: list[Json] = []
        self._beds: list[Json] = []
        self._devices: dict[str, Json] = {}
        self._gateways: dict[str, Json] = {}
        self._values: dict[tuple[str, str], Value] = {}
        self._waves: dict[tuple[str, str], Place] = {}
        self._since: dict[str, int] = {}
        """When a device left a bed or a patient: what it measured before is not shown any more."""
        self._alerts: dict[tuple[str, str | None, str], AlertNow] = {}
        self._broken: list[Json] = []  # where the glass is broken now
        self._scores = Scoreboard()
        self.elsewhere: Callable[[str, Sequence[str] | Json], None] = lambda kind, told: None  # their pages

    # the API's side

    def snapshot(self, view: View = WHOLE) -> Json:
        """The `snapshot` event's data, of what `view` shows."""
        whole = self._everything()
        return whole if view.wards is None else snapshot_of(whole, self._audience.beds(view))

    def _everything(self) -> Json:
        return {
            "server_ms": self._server_ms(),
            "session": self._stream.session,
            "ward": self._wards[0] if self._wards else None,
            "wards": self._wards,
            "beds": self._beds,
            "devices": [device.copy() for device in self._devices.values()],
            "gateways": [gateway.copy() for gateway in self._gateways.values()],
            "values": [self._value(value) for value in self._values.values()],
            "alerts": [self._alert(alert) for alert in self._alerts.values() if alert.active],
            "metrics": METRIC_ITEMS,
            "break_glass": self._broken,
            "scores": self._scores.items,
        }

    def subscribe(self, last_event_id: str | None = None, view: View = WHOLE) -> Subscription:
        """Events from after `last_event_id` on; a snapshot first when those are no longer remembered."""
        stream = self._audience.stream(view)
        missed = stream.since(last_event_id)
        if missed is None:
            missed = [stream.numbered("snapshot", self.snapshot(view))]
        return stream.subscribe(missed)

    def tick(self) -> None:
        """Send the `time` event, and scores of which there is news: call it once a second."""
        self._audience.forget_idle()
        self.publish("time", {})
        if fresh := self._score():
            self.publish("scores", {"items": fresh})

    def break_glass(self, items: Sequence[Json]) -> None:
        """All looks at patients of other wards that last: BREAK_GLASS items."""
        self._broken = list(items)
        self.publish("break-glass", {"items": self._broken})

    def assessed(self, entries: Iterable[Assessment]) -> None:
        """What people entered last for the patients who lie here now: it is scored at the next tick."""
        self._scores.assessed(entries)

    def crew(self, beds: Iterable[str], kind: str = "crew") -> None:
        """There is news of the crews, or of `kind` ("radiology", "prescriptions") of these beds: ask anew."""
        self.elsewhere(kind, named := list(beds))
        self.publish(kind, {"items": [{"bed": bed} for bed in named]})

    # ingest's side: what has just been committed

    def values(self, values: Iterable[Value]) -> None:
        """Readings: each replaces what is older than it, never what is newer."""
        since = self._since
        self._show((one for one in values if one.place.at_us >= since.get(one.device, 0)), Value.over)

    def said(self, values: Iterable[Value]) -> None:
        """What holds of these devices and metrics since a patient at home said whose a reading was."""
        self._show(values, Value.instead)

    def waves(self, waves: Iterable[Wave]) -> None:
        """Waveform chunks: those newer than what was sent already go on, in order."""
        fresh: list[Wave] = []
        for wave in waves:
            key = wave.device, wave.metric
            held = self._waves.get(key)
            if held is None or wave.place.follows(held):
                self._waves[key] = wave.place
                fresh.append(wave)
        if fresh:
            self.publish("wave", {"items": [self._wave(wave) for wave in fresh]})

    def device(self, device: str, change: Mapping[str, Any]) -> None:
        """`change` replaces keys of the device's DEVICE item (see `live.device_change`)."""
        self.devices({device: change})

    def devices(self, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """Changes of many devices, in one event."""
        self._change("device", self._devices, new_device, changes)

    def device_held(self, device: str) -> Mapping[str, Any]:
        """The DEVICE item of `device` as it stands; empty when there is none."""
        return self._devices.get(device, {})

    def gateway_held(self, gateway: str) -> Mapping[str, Any]:
        """The GATEWAY item of `gateway` as it stands; empty when there is none."""
        return self._gateways.get(gateway, {})

    def alarm_bed(self, gateway: str, number: int) -> str | None:
        """The bed on which the alarm of this number is active now; None: there is none."""
        for alert in self._alerts.values():
            if alert.active and alert.gateway == gateway and alert.detail.get("alarm") == number:
                return self._bed(alert.device)
        return None

    def alerts_at(self, bed: str) -> list[Json]:
        """The alerts, as ALERT items, that are active now of devices on `bed`."""
        held = [one for one in self._alerts.values() if one.active and self._bed(one.device) == bed]
        return [self._alert(one) for one in held]

    def gateway(self, gateway: str, change: Mapping[str, Any]) -> None:
        """`change` replaces keys of the gateway's GATEWAY item."""
        self.gateways({gateway: change})

    def gateways(self, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """Changes of many gateways, in one event."""
        self._change("gateway", self._gateways, new_gateway, changes)

    def alerts(self, alerts: Iterable[AlertNow]) -> None:
        """Alerts that began or ended, older ones than those known left out."""
        fresh: list[AlertNow] = []
        for alert in alerts:
            held = self._alerts.get(alert.key)
            if held is None or alert.place.follows(held.place):
                self._alerts[alert.key] = alert
                fresh.append(alert)
        if fresh:
            self.publish("alert", {"items": [self._alert(alert) for alert in fresh]})

    def reanchored(self, anchored: Iterable[Anchored]) -> None:
        """The times of these boots are known better: values of them that are shown move."""
        moved = reanchored(self._values, anchored, self._is_of)
        self._values.update(moved)
        self._publish_values(moved.values())

    def _is_of(self, device: str, gateway: str) -> bool:
        """Whether `device` is connected to `gateway`, or is the gateway itself."""
        return gateway in (device, self._devices.get(device, {}).get("gateway"))

    # the registry's side

    def registry(
        self,
        wards: Sequence[Json],
        beds: Sequence[Json],
        places: Mapping[str, str | None],
        same: Set[str] = frozenset(),
        began: Mapping[str, int] = NOBODY_TOLD,
    ) -> None:
        """Wards, beds or assignments changed (`places`: bed by device): everyone gets a snapshot.

        What was measured on another bed, or on the patient before, is not shown under the new name. On the
        beds `same` lies who lay there before, whatever the name; `began` tells, in µs, when others came.
        """
        now_us, others = self._clock.now_us(), other_patients(self._beds, beds) - same
        since = {one: began.get(bed or "", now_us) for one, bed in places.items() if bed in others}
        self._forget(since | dict.fromkeys(self._moved(places), now_us), now_us)
        self._wards, self._beds = list(wards), list(beds)
        self._audience.beds_are(self._beds)
        for device, bed in places.items():
            self._devices.setdefault(device, new_device(device))["bed"] = bed
        self._score()
        self.publish("registry", self._everything())

    def placed(self, places: Mapping[str, str]) -> None:
        """Gateways told the beds of these devices.

        When one is new, that is all there is to tell; when it was shown elsewhere, everyone gets a snapshot.
        """
        moved = {device for device, bed in places.items() if self._bed(device) != bed}
        shown = moved and any(device in moved for device, _ in self._values)
        if shown or any(self._bed(device) is not None for device in moved):
            self.registry(self._wards, self._beds, places)
        else:
            self.devices({device: {"bed": places[device]} for device in moved})
            # Elsewhere they were on no bed, and are gone now.
            gone_to = {places[device] for device in moved}
            self._audience.gone_to(gone_to, lambda: self._dated(self._everything()))

    # inside

    def _change(
        self,
        kind: str,
        items: dict[str, Json],
        make: Callable[[str], Json],
        changes: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Replace keys of items, and send on those of which something is different now."""
        fresh: list[Json] = []
        for name, change in changes.items():
            held = items.setdefault(name, make(name))
            if any(held.get(key) != value for key, value in change.items()):
                held.update(change)
                fresh.append(held.copy())
        if fresh:
            self.publish(kind, {"items": fresh})

    def _score(self) -> list[Json]:
        """The scores of every bed anew; those of which there is news."""
        here: dict[str, list[Value]] = {}
        for value in self._values.values():
            if value.metric in FEEDS and (bed := self._bed(value.device)) is not None:
                here.setdefault(bed, []).append(value)
        return self._scores.look(here, self._server_ms())

    def _moved(self, places: Mapping[str, str | None]) -> set[str]:
        """Devices that leave a bed."""
        return {device for device, bed in places.items() if self._bed(device) not in (None, bed)}

    def _forget(self, since: Mapping[str, int], now_us: int) -> None:
        """What these devices measured before is not shown any more; if that is `now_us`, nothing they did."""
        self._since.update(since)
        for key, value in list(self._values.items()):
            if (since_us := since.get(key[0])) is not None and (
                since_us == now_us or value.place.at_us < since_us
            ):
                del self._values[key]

    def _show(self, values: Iterable[Value], over: Callable[[Value, Value | None], Value | None]) -> None:
        """`over` says what is shown by a value and what was there; None: what was there."""
        fresh: dict[tuple[str, str], Value] = {}
        for value in values:
            key = value.device, value.metric
            if (shown := over(value, self._values.get(key))) is not None:
                self._values[key] = fresh[key] = shown
        self._publish_values(fresh.values())

    def _publish_values(self, fresh: Collection[Value]) -> None:
        if fresh:
            self.publish("values", {"items": [self._value(value) for value in fresh]})

    def publish(self, kind: str, data: Json) -> None:
        """An event, to everyone as far as they see it."""
        self._audience.publish(kind, self._dated(data))

    def _dated(self, data: Json) -> Json:
        return {"server_ms": self._server_ms(), **data}

    def _server_ms(self) -> int:
        return self._clock.now_us() // 1000

    def _bed(self, device: str | None) -> str | None:
        return None if device is None else self._devices.get(device, {}).get("bed")

    def _value(self, value: Value) -> Json:
        return {**value.json(), "bed": self._bed(value.device)}

    def _wave(self, wave: Wave) -> Json:
        return {**wave.json(), "bed": self._bed(wave.device)}

    def _alert(self, alert: AlertNow) -> Json:
        return {**alert.json(), "bed": self._bed(alert.device)}
