"""A laboratory's, or an analyser's, results in HL7: a LAB_RESULT for each OBX of ORU and OUL messages.

`code` and `system` are the sender's own (OBX-3; the alternate triplet where the first is LOINC or empty;
OBX-4 where OBX-3 is empty), `analyser` who sent it (MSH-3/MSH-4). `loinc` is told where a triplet names LOINC
("LN") and the code's check digit is right, else for what all haematology analysers call alike
(`lab_result.loinc_of`). Comments (NTE) that follow an OBX are its `comment`. `processing` is told where it is
not P: T for training, D for debugging, Q for quality control (Mindray).
Values are text: all of ST, TX, FT and NM; SN put together (<0.04, 1:128); the text of CE, CWE and CNE with
`value-code` beside it. Pictures (ED, RP) are UNMAPPED, their content left out. An OBR without any OBX
(control results of Mindray chemistry analysers) is UNMAPPED, whole. Queries are refused.
A message that is the same as the one before it is a repeat, whose acknowledgement got lost: it is taken once.
A specimen (SPM) stands behind its OBR and OBX in ORU, before its OBR in OUL; `control` "1" is no patient's.
Source: HL7 2.6, chapters 2.A and 7; IHE LAW (OUL^R22); messages of a Mindray BC-5380 and the Mindray host
interface manual for the BS series as OpenELIS retells it.
"""

from itertools import groupby

from devices.codecs import Said
from devices.codecs.hl7.message import Message, Segment
from devices.codecs.hl7.receiver import Receiver, Unsupported
from devices.codecs.lab_result import is_loinc, lab_result, loinc_of, unmapped
from devices.model.observation import DeviceEvent, EventKind, Instant

_TYPES = ("ORU", "OUL")
_CODED = ("CE", "CWE", "CNE")
_PICTURES = ("ED", "RP")
_LOINC_SYSTEMS = ("LN", "LOINC", "LNC")


class LaboratoryOru(Receiver):
    """Gives LAB_RESULT, IDENTITY (`analyser`), UNMAPPED and BAD_BYTES."""

    def __init__(self) -> None:
        super().__init__()
        self._sender = ""
        self._last: Message | None = None

    def _read(self, message: Message, now: Instant) -> list[Said]:
        if message.type not in _TYPES:
            expected = " or ".join(_TYPES)
            raise Unsupported(f"expected {expected}, got {message.type}^{message.trigger}")
        if message == self._last:
            return []
        self._last = message
        sender = sender_of(message.header)
        said: list[Said] = []
        if sender != self._sender:
            self._sender = sender
            said.append(DeviceEvent(EventKind.IDENTITY, now, {"analyser": sender}))
        return [*said, *_Results(message, sender, now).said()]


def sender_of(header: Segment) -> str:
    """Who sent a message: the first components of MSH-3 and MSH-4."""
    names = [name for field in (3, 4) if (name := header.first(field))]
    return "/".join(names) or "unnamed"


class _Results:
    """The results of one message, in the light of the segments before each."""

    def __init__(self, message: Message, sender: str, now: Instant) -> None:
        self._message, self._sender, self._now = message, sender, now
        self._nothing = Segment(("",), message.header.marks)
        self._patient = self._order = self._specimen = self._container = self._nothing
        self._bare_order: Segment | None = None

    def said(self) -> list[Said]:
        """All that the message says."""
        said: list[Said] = []
        segments = _with_notes(self._message.segments)
        for place, (segment, notes) in enumerate(segments):
            match segment.name:
                case "PID":
                    self._patient = segment
                    self._order = self._specimen = self._container = self._nothing
                case "OBR":
                    said += self._order_without_result()
                    self._order = self._bare_order = segment
                    if self._message.type == "ORU":
                        self._specimen = self._behind(segments[place + 1 :])
                case "SPM" if self._message.type == "OUL":
                    self._specimen = segment
                case "SAC":
                    self._container = segment
                case "OBX":
                    self._bare_order = None
                    said.append(self._result(segment, notes))
                case _:
                    continue
        return [*said, *self._order_without_result()]

    def _behind(self, segments: list[tuple[Segment, str]]) -> Segment:
        """The specimen of the OBR that `segments` follow."""
        for segment, _ in segments:
            if segment.name in ("SPM", "OBR", "PID"):
                return segment if segment.name == "SPM" else self._nothing
        return self._nothing

    def _order_without_result(self) -> list[Said]:
        order, self._bare_order = self._bare_order, None
        if order is None:
            return []
        return [unmapped(self._now, order.name, self._sender, text=order.line)]

    def _result(self, obx: Segment, notes: str) -> DeviceEvent:
        code, system, name = _own_code(obx)
        unit = obx.component(6, 1) or obx.component(6, 2)
        kind = obx.component(2, 1).upper()
        if kind in _PICTURES:
            return unmapped(self._now, code, system or self._sender, text=name, type=kind)
        processing = self._message.header.component(11, 1).upper()
        return lab_result(
            self._now,
            code,
            system or self._sender,
            value_of(obx),
            value_code=obx.component(5, 1) if kind in _CODED and obx.component(5, 2) else "",
            analyser=self._sender,
            text=name,
            unit=unit,
            loinc=_loinc(obx) or loinc_of(name, unit) or loinc_of(code, unit),
            flags=",".join(_flags(obx)),
            status=obx.component(11, 1),
            range=obx.text(7),
            specimen=self._specimen_id(),
            specimen_type=self._specimen.first(4) or self._order.first(15),
            patient=patient_of(self._patient),
            control="1" if self._specimen.component(11, 1) == "Q" else "",
            time=obx.component(14, 1) or obx.component(19, 1) or self._order.component(7, 1),
            comment=notes,
            processing="" if processing == "P" else processing,
        )

    def _specimen_id(self) -> str:
        if told := self._specimen.first(2):
            return told
        places = ((self._container, 3), (self._order, 2), (self._order, 3))
        return next((text for segment, field in places if (text := _identity(segment, field))), "")


def patient_of(pid: Segment) -> str:
    """The first identity in a PID that there is; the name where there is none."""
    identities = (_identity(pid, field, repetition) for field in (3, 2, 4) for repetition in (0, 1, 2))
    named = pid.component(5, 1) or pid.component(5, 2)
    return next((one for one in identities if one), "") or (pid.text(5) if named else "")


def _identity(segment: Segment, field: int, repetition: int = 0) -> str:
    """The identity itself of a field that has its assigner behind it: the first part of component 1."""
    repetitions = segment.repetitions(field)
    one = repetitions[repetition] if repetition < len(repetitions) else ""
    return segment.plain(one.split(segment.marks.component)[0].split(segment.marks.part)[0]).strip()


def value_of(obx: Segment) -> str:
    """OBX-5 as text, by its type in OBX-2."""
    kind = obx.component(2, 1).upper()
    if kind in ("TX", "FT"):
        return "\n".join(obx.plain(one) for one in obx.repetitions(5)).strip()
    if kind == "SN":
        return "".join(part.strip() for part in obx.components(5)[:4])
    if kind in _CODED:
        return obx.component(5, 2) or obx.component(5, 1)
    return obx.text(5)


def _flags(obx: Segment) -> list[str]:
    """OBX-8: the first component of each repetition; later versions put the code system beside it."""
    firsts = (one.split(obx.marks.component, 1)[0] for one in obx.repetitions(8))
    return [flag for one in firsts if (flag := obx.plain(one).strip())]


def _own_code(obx: Segment) -> tuple[str, str, str]:
    """The sender's code, its system and its name of what was measured."""
    first, second = ([obx.component(3, at + place) for place in range(3)] for at in (1, 4))
    is_second = (first[2].upper() in _LOINC_SYSTEMS and second[0]) or not any(first[:2])
    code, name, system = second if is_second else first
    named = obx.component(4, 1)
    if not name and any(letter.isalpha() for letter in named):
        name = named
    return code or name, system, name


def _loinc(obx: Segment) -> str:
    told = (obx.component(3, at) for at in (1, 4) if obx.component(3, at + 2).upper() in _LOINC_SYSTEMS)
    return next((code for code in told if is_loinc(code)), "")


def _with_notes(segments: tuple[Segment, ...]) -> list[tuple[Segment, str]]:
    """Each segment that is no note, with the text of the notes after it."""
    found: list[tuple[Segment, str]] = []
    for is_note, group in groupby(segments, lambda segment: segment.name == "NTE"):
        if not is_note:
            found += [(segment, "") for segment in group]
        elif found:
            found[-1] = found[-1][0], "\n".join(filter(None, (note.text(3) for note in group)))
    return found
