"""What the records of an analyser's message say: a LAB_RESULT for each R, with what H, P and O said before.

`system` is the sender's name as the header tells it, all its components: which of them is the model differs
(`XN-550^00-24^22723`, `806149 Happy Hospital^GeneXpert^4.8`). `code` is the analyser's own code of the test:
component 4 of the universal test id; component 5 where that is empty (Sysmex); component 1, else 2, where
component 4 is but a kind of result (Mindray: P^Phosphorus^^F, ^A/G^^F); all components from the second on
where else the second is filled (GeneXpert tells one assay's analytes so). `test-told` has all components
where several are filled: method, dilution and kind of result stand there. LOINC is taken from component 1 or
5, where the standard and Horiba put it, else from the short table of `lab_result.loinc_of`.
The value is text as told; its components are kept where several are filled, with `^`.
Comments (C) follow what they are about, when that is already told: they are UNMAPPED events `comment`, with
`about` the code of the result. So are Q (an order is asked for, which nobody here can give), M and S.
`specimen` is the first component of the specimen id, or of the analyser's own, that is filled;
`specimen-told` has all of them; `specimen-analyser` is the analyser's own where both are told (O.4; Mindray's
bar code stands there). Control material (action code Q in O.12) has `control` "1".
Source: ASTM E1394-97, sections 6 to 15; what analysers of Sysmex, Roche, Horiba, Siemens, Abbott, Cepheid and
Snibe send (senaite.astm, files of its tests); of Mindray and Beckman Coulter (astmio, its example logs); of
Bio-Rad and Horiba (go-astm, its examples).
"""

from devices.codecs import Said
from devices.codecs.astm.records import Delimiters, Record
from devices.codecs.lab_result import is_loinc, lab_result, loinc_of, unmapped
from devices.model.observation import DeviceEvent, EventKind, Instant

_UNNAMED = "astm"
"""The system of an analyser that does not name itself."""


class Message:
    """One message, record by record."""

    def __init__(self) -> None:
        self._delimiters = Delimiters()
        self._system = _UNNAMED
        self._sender = ""
        self._patient = self._order = Record(("",), self._delimiters)
        self._about = ""
        self.is_complete = True
        """Whether no message has begun, or its terminator has come."""

    def take(self, line: bytes, now: Instant) -> list[Said]:
        """What one record says."""
        if line.startswith(b"H"):
            return self._header(line, now)
        record = Record.parse(line, self._delimiters)
        match record.type:
            case "P":
                self._patient, self._order, self._about = record, Record(("",), self._delimiters), ""
            case "O":
                self._order, self._about = record, ""
            case "L":
                self.is_complete = True
            case "R":
                return [self._result(record, now)]
            case _:
                return self._other(record, now)
        return []

    def _header(self, line: bytes, now: Instant) -> list[Said]:
        self._delimiters = Delimiters.of(line)
        header = Record.parse(line[1:], self._delimiters)
        self._patient = self._order = Record(("",), self._delimiters)
        self._about, self.is_complete = "", False
        sender = self._delimiters.component.join(header.components(4)).strip(self._delimiters.component)
        self._system = sender or _UNNAMED
        if sender in ("", self._sender):
            return []
        self._sender = sender
        return [DeviceEvent(EventKind.IDENTITY, now, {"analyser": sender})]

    def _result(self, record: Record, now: Instant) -> DeviceEvent:
        test, order = record.components(2), self._order
        code, unit = _code(test, self._delimiters.component), record.text(4)
        self._about = code
        return lab_result(
            now,
            code,
            self._system,
            record.text(3),
            unit=unit,
            loinc=_loinc(test) or loinc_of(code, unit),
            flags=",".join(record.repeats(6)),
            test_told="" if _all_of(record) == code else _all_of(record),
            status=record.text(8),
            range=record.text(5),
            specimen=order.first(2) or order.first(3),
            specimen_told=_all_of(order),
            specimen_analyser=order.text(3) if order.first(2) else "",
            specimen_type=order.text(15),
            control="1" if "Q" in order.text(11).upper() else "",
            patient=self._patient_id(),
            time=record.text(12) or record.text(11),
        )

    def _patient_id(self) -> str:
        """The first identity that there is; the name where there is none."""
        identities = (self._patient.first(index) for index in (2, 3, 4))
        return next((one for one in identities if one), "") or self._patient.text(5)

    def _other(self, record: Record, now: Instant) -> list[Said]:
        text = self._delimiters.field.join(record.fields[1:]).strip(self._delimiters.field)
        if record.type != "C":
            return [unmapped(now, record.type[:1], self._system, text=text)]
        comment = record.text(3)
        about = self._about or self._order.first(2)
        return [unmapped(now, "comment", self._system, text=comment, about=about)] if comment else []


def _all_of(record: Record) -> str:
    """The whole id of a specimen or a test (field 3), if more than one component is filled."""
    parts = record.components(2)
    whole = record.delimiters.component.join(parts).strip(record.delimiters.component)
    return whole if sum(map(bool, parts)) > 1 else ""


_KINDS = ("F", "P", "I")
"""Of a result: final, preliminary, interpretation."""


def _code(test: list[str], component: str) -> str:
    universal, name, _, local, fifth, *others = [*test, "", "", "", "", ""]
    if local in _KINDS and not any((fifth, *others)) and not is_loinc(universal) and (universal or name):
        return universal or name
    if name and not universal:
        return component.join(test[1:]).strip(component)
    return local or fifth or next((part for part in test if part), "")


def _loinc(test: list[str]) -> str:
    told = (test[index] for index in (0, 4) if index < len(test))
    return next((part for part in told if is_loinc(part)), "")
