"""HL7 version 2 messages: segments, fields, repetitions, components, escape sequences; and acknowledgements.

    message = Message.parse(content)                    # raises BadBytes without an MSH
    obx = message.segments[4]
    obx.name, obx.text(5), obx.component(3, 2)          # fields as HL7 counts them: MSH-1 is the separator

A splitter of our own, not a library: hl7apy knows every version's structure and refuses or reorders what
real devices send (X segments, Z segments, ORU^W01), and neither it nor python-hl7 is faster or smaller than
the splitting, which is all that is needed.
Source: HL7 2.6, chapter 2 (2.5 to 2.10, 2.9.2 for acknowledgement modes, tables 0008, 0155, 0211).
"""

import re
from dataclasses import dataclass
from functools import cached_property

from devices.errors import BadBytes

_LINE_END = re.compile(r"[\r\n]+")
_HEX = re.compile(r"X((?:[0-9A-Fa-f]{2})+)")
_CHARSETS = {
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "GB 18030-2000": "gb18030",
    "GB18030": "gb18030",
    "GB2312": "gb18030",
    "GBK": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "ISO IR87": "iso2022_jp",
}
_LATIN = re.compile(r"(?:ISO ?)?8859[/-](\d{1,2})")


@dataclass(frozen=True, slots=True)
class Marks:
    """The separators of a message."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    part: str = "&"
    """Of sub-components."""

    @classmethod
    def of(cls, text: str) -> "Marks":
        """Those that the MSH at the beginning of `text` defines; the usual ones for what it leaves out."""
        field = text[3:4] or "|"
        told = text[4:].split(field, 1)[0]
        if told[2:3] == "&":  # ^~& and ^~&#: the escape character was left out
            told = told[:2] + "\\&"
        usual = "^~\\&"
        return cls(field, *(told[:4] + usual[len(told[:4]) :]))

    def encode(self) -> str:
        """How a header begins."""
        return f"MSH{self.field}{self.component}{self.repetition}{self.escape}{self.part}"

    def escaped(self, text: str) -> str:
        """`text` with separators and line ends as escape sequences."""
        names = {self.field: "F", self.component: "S", self.repetition: "R", self.part: "T", self.escape: "E"}
        names |= {"\r": "X0D", "\n": ".br"}
        return "".join(f"{self.escape}{names[one]}{self.escape}" if one in names else one for one in text)

    def unescaped(self, text: str) -> str:
        """`text` with its escape sequences resolved; one that has no meaning is left as it is."""
        if self.escape not in text:
            return text
        names = {"F": self.field, "S": self.component, "R": self.repetition, "T": self.part}
        names |= {"E": self.escape, ".br": "\n", ".sp": "\n", "H": "", "N": ""}

        def meaning(match: re.Match[str]) -> str:
            found = _HEX.fullmatch(match[1])
            return _decoded(bytes.fromhex(found[1]), "") if found else names.get(match[1], match[0])

        mark = re.escape(self.escape)
        return re.sub(f"{mark}([FSRTEHN]|\\.br|\\.sp|X[0-9A-Fa-f]+){mark}", meaning, text)


@dataclass(frozen=True)
class Segment:
    """One segment. Fields are counted as HL7 does, from 1; what is not there is ""."""

    fields: tuple[str, ...]
    marks: Marks

    @property
    def name(self) -> str:
        """Its three letters."""
        return self.fields[0]

    def raw(self, field: int) -> str:
        """Field `field` as it was sent."""
        return self.fields[field] if 0 <= field < len(self.fields) else ""

    def repetitions(self, field: int) -> list[str]:
        """The repetitions of a field as they were sent."""
        return self.raw(field).split(self.marks.repetition)

    def components(self, field: int) -> list[str]:
        """The components of a field's first repetition, their escape sequences resolved."""
        return [self.plain(part) for part in self.repetitions(field)[0].split(self.marks.component)]

    def component(self, field: int, number: int) -> str:
        """Component `number`, from 1, of a field's first repetition, without blanks around it."""
        parts = self.components(field)
        return parts[number - 1].strip() if number <= len(parts) else ""

    def text(self, field: int) -> str:
        """A field as one text, without empty components at its end."""
        return self.plain(self.raw(field).strip().rstrip(self.marks.component + self.marks.part)).strip()

    def first(self, field: int) -> str:
        """The first component, and of it the first part, that says something."""
        for part in self.repetitions(field)[0].split(self.marks.component):
            for one in part.split(self.marks.part):
                if text := self.plain(one).strip():
                    return text
        return ""

    def plain(self, text: str) -> str:
        """`text` with its escape sequences resolved; HL7's "" is nothing."""
        return "" if text == '""' else self.marks.unescaped(text)

    @cached_property
    def line(self) -> str:
        """The segment as it was sent."""
        return self.marks.field.join(self.fields)


@dataclass(frozen=True)
class Message:
    """One message: its segments in order, the MSH first."""

    segments: tuple[Segment, ...]
    charset: str
    """Python's name of the character set that it declares; "" if none that is known."""

    @classmethod
    def parse(cls, content: bytes) -> "Message":
        """Split a message. Raises BadBytes if it has no MSH."""
        start = content.find(b"MSH")
        if start < 0:
            raise BadBytes("framing", "expected a segment MSH")
        head = content[start:].split(b"\r", 1)[0].split(b"\n", 1)[0].decode("latin-1")
        charset = _charset(_segment(head, Marks.of(head)))
        text = _decoded(content[start:], charset)
        marks = Marks.of(text)
        lines = (line for line in _LINE_END.split(text) if line.strip())
        return cls(tuple(_segment(line, marks) for line in lines), charset)

    @property
    def header(self) -> Segment:
        """The MSH."""
        return self.segments[0]

    @property
    def type(self) -> str:
        """The message's code in MSH-9, such as ORU."""
        return self.header.component(9, 1).upper()

    @property
    def trigger(self) -> str:
        """Its event, such as R01."""
        return self.header.component(9, 2).upper()

    def find(self, name: str) -> Segment:
        """The first segment called `name`; an empty one if there is none."""
        empty = Segment((name,), self.header.marks)
        return next((one for one in self.segments if one.name == name), empty)


def _segment(line: str, marks: Marks) -> Segment:
    fields = line.strip("\x0b\x1c\x00 \t").split(marks.field)
    if fields[0] == "MSH":
        fields.insert(1, marks.field)
    return Segment(tuple(fields), marks)


def _charset(header: Segment) -> str:
    told = header.repetitions(18)[0].strip().upper()
    if latin := _LATIN.fullmatch(told):
        return f"iso8859_{latin[1]}" if 1 <= int(latin[1]) <= 15 and latin[1] != "12" else ""
    return _CHARSETS.get(told, "")


def _decoded(content: bytes, charset: str) -> str:
    """`content` by its declared character set, else as UTF-8, else as Latin-1."""
    for name in (charset, "utf-8"):
        try:
            return content.decode(name) if name else content.decode("utf-8")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def encode_segment(name: str, fields: dict[int, str], marks: Marks) -> str:
    """A segment of `fields` by number, each as it is to be sent."""
    texts = [fields.get(number, "") for number in range(1, max(fields, default=0) + 1)]
    if name == "MSH":
        return marks.encode() + marks.field + marks.field.join(texts[2:])
    return marks.field.join([name, *texts])


def acknowledgement(message: Message, code: str, text: str, number: int) -> bytes:
    """The ACK with `code` (table 0008) of `message`, in its own marks and character set.

    Its time is the message's: a codec reads no clock.
    """
    header, marks = message.header, message.header.marks
    structure = f"{marks.component}ACK" if header.component(9, 3) else ""
    trigger = header.component(9, 2)
    msh = {
        3: header.raw(5) or "WARDLINK",
        4: header.raw(6),
        5: header.raw(3),
        6: header.raw(4),
        7: header.raw(7),
        9: f"ACK{marks.component}{trigger}{structure}" if trigger else "ACK",
        10: f"{header.raw(10)}{marks.escaped('-')}{number}",
        11: header.raw(11) or "P",
        12: header.raw(12) or "2.3.1",
        18: header.raw(18),
    }
    msa = {1: code, 2: header.raw(10), 3: marks.escaped(text)}
    segments = [encode_segment("MSH", msh, marks), encode_segment("MSA", msa, marks)]
    return "".join(segment + "\r" for segment in segments).encode(message.charset or "utf-8", "replace")
