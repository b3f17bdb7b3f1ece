"""MEDIBUS: what the responses to data requests say, as readings and events."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.health import Conditions
from devices.codecs.medibus.codes import LIMITS, MEANINGS, RANKED, STANDBY, Key, Meaning, rank
from devices.codecs.medibus.frames import Code, Frame
from devices.codecs.medibus.records import (
    SETTING_WIDTH,
    VALUE_WIDTH,
    Alarm,
    Identity,
    Message,
    Value,
    decode_alarms,
    decode_identity,
    decode_messages,
    decode_number,
    decode_time,
    decode_values,
)
from devices.model.metrics import by_name
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Reading
from devices.model.units import converted

_NOTHING = set(" -*?.")
_SYSTEM = "medibus"


class Contents:
    """Remembers what a device said, to tell what changes."""

    def __init__(self) -> None:
        self._numbers: dict[Key, bool] = {}
        self._told: dict[Key, str] = {}
        self._alarms: dict[Key, Alarm] = {}
        self._conditions = Conditions()
        self._identity = Identity()

    def read(self, frame: Frame, now: Instant) -> list[Said]:
        """What the response `frame` says. Raises BadBytes; one to another command says nothing."""
        data = frame.data
        said: list[Said] = []
        match frame.code:
            case Code.DATA_1 | Code.DATA_2:
                said = self._values(Code(frame.code), decode_values(data, VALUE_WIDTH), now)
            case Code.SETTINGS:
                said = self._values(Code.SETTINGS, decode_values(data, SETTING_WIDTH), now)
            case Code.LOW_LIMITS_1 | Code.LOW_LIMITS_2 | Code.HIGH_LIMITS_1 | Code.HIGH_LIMITS_2:
                said = self._limits(Code(frame.code), decode_values(data, VALUE_WIDTH), now)
            case Code.ALARMS_1 | Code.ALARMS_2 | Code.ALARMS_3:
                said = self._active(Code(frame.code), decode_alarms(data), now)
            case Code.TEXT_MESSAGES:
                said = self._messages(decode_messages(data), now)
            case Code.DATE_TIME if data:
                said = [_clock(decode_time(data), now)]
            case Code.IDENTIFICATION:
                said = self._identified(decode_identity(data), now)
            case _:
                pass
        return said

    def _values(self, page: Code, values: Sequence[Value], now: Instant) -> list[Said]:
        """A code that a page no longer has counts no more."""
        has = {(page, value.code): decode_number(value.text) is not None for value in values}
        self._numbers = {key: number for key, number in self._numbers.items() if key[0] != page} | has
        return [said for value in values for said in self._value((page, value.code), value.text, now)]

    def _value(self, key: Key, text: str, now: Instant) -> list[Said]:
        meaning = MEANINGS.get(key, Meaning(""))
        if meaning.metric and self._counts(key, meaning.metric):
            return [_reading(meaning, text, now)]
        return self._changed(key, meaning, text, now)

    def _counts(self, key: Key, metric: str) -> bool:
        """Whether this is the best code of its metric: of those that had a number last, else of all."""
        seen = [other for other in RANKED[metric] if other in self._numbers]
        return key == next((other for other in seen if self._numbers[other]), seen[0])

    def _changed(self, key: Key, meaning: Meaning, text: str, now: Instant) -> list[Said]:
        before, self._told[key] = self._told.get(key, ""), text.strip()
        if text.strip() == before:
            return []
        detail: dict[str, str | int] = {"code": f"{key[0]:02X}:{key[1]:02X}", "system": _SYSTEM}
        detail |= {"value": text.strip(), "unit": meaning.unit, "text": meaning.text}
        return [DeviceEvent(EventKind.UNMAPPED, now, detail)]

    def _limits(self, page: Code, values: Sequence[Value], now: Instant) -> list[Said]:
        said: list[Said] = []
        for value in values:
            meaning = MEANINGS.get((LIMITS[page], value.code), Meaning(""))
            end = "low" if page in (Code.LOW_LIMITS_1, Code.LOW_LIMITS_2) else "high"
            limit = Meaning(f"{end} limit of {meaning.text}", meaning.unit)
            said += self._changed((page, value.code), limit, value.text, now)
        return said

    def _active(self, page: Code, alarms: Sequence[Alarm], now: Instant) -> list[Said]:
        """The alarms of a codepage are now exactly these."""
        active = {(page, alarm.code): alarm for alarm in alarms}
        before = {key: alarm for key, alarm in self._alarms.items() if key[0] == page}
        ended = [_alarm(key, alarm, False, now) for key, alarm in before.items() if key not in active]
        begun = [
            _alarm(key, alarm, True, now)
            for key, alarm in active.items()
            if key not in before or before[key].priority != alarm.priority
        ]
        self._alarms = {key: alarm for key, alarm in self._alarms.items() if key[0] != page} | active
        return [*ended, *begun]

    def _messages(self, messages: Sequence[Message], now: Instant) -> list[Said]:
        """The text messages are now exactly these; one that has gone is told with an empty value."""
        texts = {(Code.TEXT_MESSAGES, message.code): message.text for message in messages}
        gone = [key for key in self._told if key[0] == Code.TEXT_MESSAGES and key not in texts]
        standby = any(code in STANDBY for _, code in texts)
        said: list[Said] = [*self._conditions.become(["standby"] * standby, now)]
        for key, text in [*((key, "") for key in gone), *texts.items()]:
            said += self._changed(key, Meaning("text message"), text, now)
        return said

    def _identified(self, identity: Identity, now: Instant) -> list[Said]:
        if identity in (self._identity, Identity()):
            return []
        self._identity = identity
        named = {"model": identity.name, "software": identity.revision, "type-number": identity.number}
        detail: dict[str, str | int] = {name: text for name, text in named.items() if text}
        return [DeviceEvent(EventKind.IDENTITY, now, detail)]


def _clock(moment: datetime, now: Instant) -> DeviceEvent:
    return DeviceEvent(EventKind.DEVICE_CLOCK, now, {"time": moment.isoformat(), "set": 1})


def _reading(meaning: Meaning, text: str, now: Instant) -> Reading:
    number = decode_number(text)
    if number is None:
        reason = NoValue.INVALID if set(text) - _NOTHING else NoValue.NOT_AVAILABLE
        return Reading(meaning.metric, now, None, reason)
    value: Decimal = converted(number, meaning.unit, by_name(meaning.metric).unit)
    return Reading(meaning.metric, now, value)


def _alarm(key: Key, alarm: Alarm, active: bool, now: Instant) -> DeviceEvent:
    detail: dict[str, str | int] = {"code": f"{key[0]:02X}:{key[1]:02X}", "text": alarm.phrase}
    detail |= {"active": int(active), "priority": rank(alarm.priority)}
    return DeviceEvent(EventKind.DEVICE_ALARM, now, detail)
