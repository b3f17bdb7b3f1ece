"""The manager (20601, 8): associates, learns what the device measures, asks who it is, and hears its reports.

    association request ▶ accepted, or "tell your configuration" ▶ configuration ▶ Get MDS ▶ reports … release

A confirmed report is answered once the journal has what it says: the answer lets the device forget it.
Reports wait for the answer to Get MDS, `PATIENCE_S` at most: it tells the device's clock, without which
nobody knows a measurement of yesterday from one of now (it is QUESTIONABLE then, at the time of its arrival).
Not done: data from a PM-store, requests for data to devices that send nothing by themselves, scanners that
must be switched on (none of the profiles' devices needs them), samples (RT-SA): these are told as UNMAPPED.
"""

from devices.codecs import Said
from devices.codecs.gatt import DeviceTime
from devices.codecs.health import BadByteCounter
from devices.codecs.phd import apdu, objects, system
from devices.codecs.phd.apdu import Apdu, ApduReader, Association, Choice, Message, Presentation, Result
from devices.codecs.phd.mder import Reader, attributes, listed, u16
from devices.codecs.phd.nomenclature import Event
from devices.codecs.phd.objects import PhdObject
from devices.codecs.phd.observations import NOBODY, SCANS, EventReport, Observation
from devices.codecs.phd.said import Speaker
from devices.codecs.phd.stamps import Clocks, Stamp
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, later

SYSTEM_ID = b"\x02Wardlnk"
"""The manager's EUI-64: locally administered."""
_NOT_ALLOWED = 24
"""Error-value: not-allowed-by-object."""
_GET_MDS = 1
"""The invoke-id of the only question."""


class PhdManager:
    """Gives readings, DEVICE_CLOCK, IDENTITY, BATTERY, STATUS, UNMAPPED, REFUSED and BAD_BYTES."""

    PATIENCE_S = 1.0

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = ApduReader(self._bad)
        self._outgoing = bytearray()
        self._answers = bytearray()
        self._begin({})

    def _begin(self, configuration: objects.Configuration) -> None:
        """A new association, or none."""
        self._objects = dict(configuration)
        self._speaker = Speaker()
        self._clocks = Clocks()
        self._has_asked = self._is_waiting = False
        self._held: list[tuple[Presentation, EventReport, Instant]] = []
        self._release_at: Instant | None = None
        self._shown: tuple[DeviceTime, Instant] | None = None
        self._answers.clear()

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes that arrived at `now`."""
        said: list[Said] = []
        for one in self._reader.feed(data):
            try:
                said += self._hear(one, now)
            except BadBytes as bad:
                self._bad.count(bad.reason)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The answers that are due."""
        outgoing = bytes(self._outgoing)
        self._outgoing.clear()
        return outgoing

    def awaits_journal(self) -> bool:
        """Whether an answer waits until what it acknowledges is on disk."""
        return bool(self._answers)

    def journalled(self, now: Instant) -> None:
        """What was handed out is on disk: the device may forget it."""
        self._outgoing += self._answers
        self._answers.clear()

    def next_timer(self) -> Instant | None:
        """When reports have waited long enough for the clock, or counted bytes are to be told."""
        due = [one for one in (self._release_at, self._bad.due()) if one is not None]
        return min(due) if due else None

    def handle_timer(self, now: Instant) -> list[Said]:
        """Hand out reports that wait; tell counted bytes."""
        said: list[Said] = []
        if self._release_at is not None and now >= self._release_at:
            said += self._let_go()
        return [*said, *self._bad.told(now)]

    def _hear(self, one: Apdu, now: Instant) -> list[Said]:
        match one.choice:
            case Choice.ASSOCIATION_REQUEST:
                return [*self._let_go(), *self._associate(one.body, now)]
            case Choice.PRESENTATION:
                return self._present(Presentation.decode(one.body), now)
            case Choice.RELEASE_REQUEST:
                self._outgoing += apdu.reason(Choice.RELEASE_RESPONSE)
                return self._end()
            case Choice.ABORT:
                answer = f"abort-{Reader(one.body).u16()}"
                return [*self._end(), _refused("association", answer, now)]
            case _:
                return []

    def _end(self) -> list[Said]:
        said = self._let_go()
        self._begin({})
        return said

    def _associate(self, body: bytes, now: Instant) -> list[Said]:
        offer = apdu.requested(body)
        if offer is None:
            self._outgoing += apdu.association_response(Result.REJECTED_NO_COMMON_PROTOCOL, None)
            return [_refused("association", "no-common-protocol", now)]
        version = next((bit for bit in (1 << 31, 1 << 30, 1 << 29) if offer.versions & bit), 0)
        manager = Association(SYSTEM_ID, versions=version)
        if not version or not offer.encodings & apdu.MDER:
            self._outgoing += apdu.association_response(Result.REJECTED_NO_COMMON_PARAMETER, manager)
            return [_refused("association", "no-common-parameter", now)]
        known = objects.STANDARD.get(offer.configuration)
        result = Result.ACCEPTED_UNKNOWN_CONFIG if known is None else Result.ACCEPTED
        self._begin(known or {})
        self._outgoing += apdu.association_response(result, manager)
        if known:
            self._ask()
        return [DeviceEvent(EventKind.IDENTITY, now, {"system-id": offer.system_id.hex()})]

    def _ask(self) -> None:
        """Ask for all attributes of the MDS, once an association."""
        if not self._has_asked:
            self._has_asked = self._is_waiting = True
            self._outgoing += Presentation(_GET_MDS, Message.GET, u16(0) + listed([])).encode()

    def _present(self, message: Presentation, now: Instant) -> list[Said]:
        match message.kind:
            case Message.EVENT_REPORT | Message.CONFIRMED_EVENT_REPORT:
                return self._report(message, now)
            case Message.GET_DONE:
                return [*self._device(message, now), *self._let_go()]
            case Message.ERROR | Message.REJECT:
                return [_refused("get-mds", f"error-{message.body.hex()}", now), *self._let_go()]
            case _:
                return []

    def _device(self, message: Presentation, now: Instant) -> list[Said]:
        """The attributes of the device itself."""
        reader = Reader(message.body)
        reader.u16()
        return self._tell(attributes(reader), now)

    def _tell(self, told: dict[int, bytes], now: Instant) -> list[Said]:
        self._clocks.tell(told, now)
        return [*system.events(told, now)]

    def _report(self, message: Presentation, now: Instant) -> list[Said]:
        report = EventReport.decode(message.body)
        if report.event == Event.CONFIGURATION:
            self._configure(message, report)
            return []
        if not self._objects:
            self._outgoing += apdu.reason(Choice.ABORT)
            raise BadBytes("framing", "a report before the configuration: nobody knows what it measures")
        self._held.append((message, report, now))
        if not self._is_waiting:
            return self._let_go()
        if self._release_at is None:
            self._release_at = later(now, self.PATIENCE_S)
        return []

    def _configure(self, message: Presentation, report: EventReport) -> None:
        number, result = Reader(report.info).u16(), 0
        try:
            number, self._objects = objects.decode_report(report.info)
        except BadBytes as bad:
            self._bad.count(bad.reason)
            result = 1
        answer = report.answer(objects.config_response(number, result))
        if message.kind == Message.CONFIRMED_EVENT_REPORT:
            self._outgoing += Presentation(message.invoke_id, Message.EVENT_REPORT_DONE, answer).encode()
        if result == 0:
            self._ask()

    def _let_go(self) -> list[Said]:
        """Wait no longer: hand out the reports that are held; their answers wait for the journal."""
        held, self._held, self._release_at, self._is_waiting = self._held, [], None, False
        said: list[Said] = []
        for message, report, at in held:
            self._clocks.tell_ticks(report.time, at)
            if report.event in SCANS:
                said += self._scanned(report, at)
                answer = Presentation(message.invoke_id, Message.EVENT_REPORT_DONE, report.answer())
            else:
                said.append(_unread(str(report.event), report.info, "event", at))
                error = u16(_NOT_ALLOWED) + u16(0)
                answer = Presentation(message.invoke_id, Message.ERROR, error)
            if message.kind == Message.CONFIRMED_EVENT_REPORT:
                self._answers += answer.encode()
        return said

    def _scanned(self, report: EventReport, now: Instant) -> list[Said]:
        said: list[Said] = []
        person, self._shown = NOBODY, None
        try:
            for one in report.observations():
                if one.person != person:
                    person = one.person
                    said.append(_person(person, now))
                said += self._observed(one, now)
        except BadBytes as bad:
            self._bad.count(bad.reason)
            said.append(_unread(str(report.event), report.info, "report", now))
        return said

    def _observed(self, one: Observation, now: Instant) -> list[Said]:
        if one.handle == 0:
            return self._tell(one.told, now)
        try:
            known = self._objects[one.handle]
            told = one.attributes(known)
            known = self._objects[one.handle] = known.with_attributes(told)
            return self._stamped(known, told, now)
        except KeyError:
            return [_unread(str(one.handle), one.raw, "handle", now)]
        except BadBytes as bad:
            self._bad.count(bad.reason)
            return [_unread(str(one.handle), one.raw, "handle", now)]

    def _stamped(self, known: PhdObject, told: dict[int, bytes], now: Instant) -> list[Said]:
        """What the object says, after the device's time where that is another than of what was before."""
        stamp = Stamp.decode(told)
        moment = self._clocks.placed(stamp, now)
        said = self._speaker.says(known, told, moment)
        if not stamp.time or not said or self._shown == (stamp.time, moment.at):
            return said
        self._shown = stamp.time, moment.at
        return [stamp.time.event(moment.at), *said]


def _person(person: int, now: Instant) -> DeviceEvent:
    detail = {"code": "person-id", "system": "IEEE 11073-20601", "value": str(person), "unit": ""}
    return DeviceEvent(EventKind.UNMAPPED, now, detail)


def _unread(code: str, data: bytes, what: str, now: Instant) -> DeviceEvent:
    """What could not be read, kept as it came."""
    detail = {"code": code, "system": f"IEEE 11073-20601 {what}", "value": data.hex(), "unit": ""}
    return DeviceEvent(EventKind.UNMAPPED, now, detail)


def _refused(command: str, answer: str, now: Instant) -> DeviceEvent:
    return DeviceEvent(EventKind.REFUSED, now, {"command": command, "answer": answer})
