"""Alarms in HL7: IHE PCD-04 (ORU^R40), R04 and R41, and the alert lines that Philips puts among its values.

    OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.196680.1|196680^MDC_EVT_LEAD_OFF^MDC|||A~PL~ST|||R
    OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.7.0.196680.3|start
    OBX|3|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.7.0.196680.4|active
    OBX|4|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.7.0.196680.6|PL

    OBX||TX|2^Yellow Alarm^MDIL-ALERT||SpO2 low||||||F

A number in an alarm (the value that crossed a limit) is its `value`, never a reading. The numbers of the
attributes differ between devices and editions (68481 and 68165 are both EVENT_PHASE), so their names decide.
An alarm that is told again unchanged (continue, update) is told once. A watchdog (MDC_EVT_ACTIVE) is none.
Philips lists what is active with each message and never says that an alarm ends: one that has not been listed
for `LISTED_S` has ended. Its kinds: 1 red, 2 and 3 yellow, 4 short yellow, the others technical.
Source: IHE PCD TF-2 (ACM); messages of Mindray, GE Mural, Masimo Patient SafetyNet, Draeger, Philips.
"""

from devices.codecs.device_alarms import Alarm, Alarms
from devices.codecs.hl7.message import Message, Segment
from devices.model.observation import DeviceEvent, EventKind, Instant, later

_TRIGGERS = frozenset({"R04", "R40", "R41", "R42"})
_ALARM_GROUP = frozenset({"196616", "MDC_EVT_ALARM"})
_WATCHDOG = frozenset({"MDC_EVT_ACTIVE", "MDC_EVT_WATCHDOG"})
_PRIORITIES = {"PL": "low", "PM": "medium", "PH": "high"}
_ENDED_PHASES = frozenset({"end", "stop"})
_ENDED_STATES = frozenset({"inactive", "off"})
_PHILIPS = "MDIL-ALERT"
_PHILIPS_PRIORITIES = {"1": "high", "2": "medium", "3": "medium", "4": "medium"}
_REMEMBERED = 200


def is_listed(obx: Segment) -> bool:
    """Whether an OBX is an alert among other observations, as Philips tells it."""
    return obx.component(3, 3) == _PHILIPS


def is_alert(message: Message, group: list[Segment]) -> bool:
    """Whether a group of an OBR and its OBX is about an alarm: by the message's event, profile or OBR-4."""
    about = {group[0].component(4, 1), group[0].component(4, 2)}
    return (
        message.trigger in _TRIGGERS or "ACM" in message.header.raw(21).upper() or bool(about & _ALARM_GROUP)
    )


class Alerts:
    """The alarms of one connection."""

    LISTED_S = 120.0

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], dict[str, str | int]] = {}
        self._listed: dict[str, tuple[Alarm, Instant]] = {}
        self._active = Alarms()

    def read(self, group: list[Segment], now: Instant) -> list[DeviceEvent]:
        """The events of the alarms that a group is about, if they say anything new."""
        return [event for part in _split(group) for event in self._one(part, now)]

    def _one(self, group: list[Segment], now: Instant) -> list[DeviceEvent]:
        detail = _detail(group)
        if detail is None:
            return []
        key = str(detail["code"]), str(detail.get("source", ""))
        if self._told.get(key) == detail:
            return []
        if len(self._told) >= _REMEMBERED:
            self._told.pop(next(iter(self._told)))
        self._told[key] = detail
        return [DeviceEvent(EventKind.DEVICE_ALARM, now, detail)]

    def listed(self, group: list[Segment], now: Instant) -> list[DeviceEvent]:
        """The alarms that Philips lists among other observations."""
        for obx in group:
            text = obx.text(5)
            if is_listed(obx) and text:
                alarm = Alarm(text, _PHILIPS_PRIORITIES.get(obx.component(3, 1), "low"))
                self._listed[text] = alarm, later(now, self.LISTED_S)
        return self.expired(now)

    def due(self) -> Instant | None:
        """When a listed alarm ends that is not listed again."""
        return min((until for _, until in self._listed.values()), default=None)

    def expired(self, now: Instant) -> list[DeviceEvent]:
        """The listed alarms that begin or end now."""
        self._listed = {code: one for code, one in self._listed.items() if one[1] > now}
        return self._active.become({code: alarm for code, (alarm, _) in self._listed.items()}, now)


def _split(group: list[Segment]) -> list[list[Segment]]:
    """A group's alarms, each behind the group's OBR: an alarm goes on to the next event."""
    order, *observations = group
    parts: list[list[Segment]] = [[order]]
    for obx in observations:
        if _is_event(obx) and any(map(_is_event, parts[-1])):
            parts.append([order])
        parts[-1].append(obx)
    return parts


def _detail(group: list[Segment]) -> dict[str, str | int] | None:
    """What a group says of its alarm; None for a watchdog, or if it says nothing."""
    observations = [obx for obx in group if obx.name == "OBX" and obx.raw(5)]
    attributes = {obx.component(3, 2): obx.text(5) for obx in observations}
    event = next((obx for obx in observations if _is_event(obx)), None)
    code, text = _named(event) if event else (group[0].first(4), "")
    if code in _WATCHDOG or (event is None and not observations):
        return None
    active = _attribute(attributes, "EVENT_PHASE") not in _ENDED_PHASES
    active = active and _attribute(attributes, "ALARM_STATE", "ALERT_STATE") not in _ENDED_STATES
    others = [obx for obx in observations if obx is not event and "_ATTR_" not in obx.component(3, 2)]
    detail: dict[str, str | int] = {
        "code": code or "alarm",
        "text": _attribute(attributes, "ALERT_TEXT") or text or "; ".join(obx.text(5) for obx in others),
        "active": int(active),
    }
    found = {
        "priority": _priority(attributes, event),
        "source": others[0].component(3, 2) or others[0].component(3, 1) if others else "",
        "value": others[0].text(5) if others else "",
        "state": _attribute(attributes, "INACTIVATION_STATE"),
        "alarm": group[0].component(3, 1),
    }
    return detail | {name: value for name, value in found.items() if value}


def _is_event(obx: Segment) -> bool:
    """Whether OBX-3 is an event: by its name, or, without one, by its number's partition, 3."""
    code, name = obx.component(3, 1), obx.component(3, 2)
    if name:
        return obx.name == "OBX" and "_EVT_" in name
    return code.isascii() and code.isdigit() and len(code) < 10 and int(code) >> 16 == 3


def _named(event: Segment) -> tuple[str, str]:
    """An event's code and text. OBX-3 is the event, or says only that OBX-5 is one."""
    if event.component(3, 2) == "MDC_EVT_ALARM" and event.component(5, 1):
        parts = event.components(5)
        text = next((part for part in reversed(parts) if part and not part.startswith("MDC")), "")
        code = event.component(5, 2) or event.component(5, 1)
        return code, text if len(parts) > 3 else code
    return event.component(3, 2) or event.component(3, 1), event.text(5)


def _priority(attributes: dict[str, str], event: Segment | None) -> str:
    told = [_attribute(attributes, "ALARM_PRIORITY").upper(), *(event.repetitions(8) if event else [])]
    return next((_PRIORITIES[one] for one in told if one in _PRIORITIES), "")


def _attribute(attributes: dict[str, str], *names: str) -> str:
    """The value of the attribute whose name ends so."""
    return next((text for name, text in attributes.items() if name.endswith(names)), "")
