"""The records of LIS02-A2 (ASTM E1394): fields, repeats, components, escape sequences.

    record = Record.parse(b"R|1|^^^WBC^6690-2|8.30|10E3/uL", Delimiters())
    record.type, record.text(3), record.components(2)       # "R", "8.30", ["", "", "", "WBC", "6690-2"]

Fields are counted from 0, the record's type, so field n of the standard's section is n - 1 here.
The delimiters stand in the header: H, field, repeat, component, escape. Texts are UTF-8 where they are valid
as such, else Latin-1; trailing and leading blanks, with which many analysers fill their fields, are left out.
Source: ASTM E1394-97, sections 5 and 6; other delimiters: Cepheid GeneXpert (@^ and a backslash), E1238.
"""

import re
from dataclasses import dataclass
from itertools import groupby

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_USUAL = "\\^&"
"""Repeat, component, escape."""
_E1238 = "^~\\&"
"""The delimiters of E1238, HL7's forerunner: component, repeat, escape, and one more."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four delimiters of a message."""

    field: str = "|"
    repeat: str = "\\"
    component: str = "^"
    escape: str = "&"

    @classmethod
    def of(cls, header: bytes) -> "Delimiters":
        """Those that a header record defines; the usual ones for what it leaves out."""
        text = _decoded(header)
        field = text[1:2] or "|"
        told = text[2:].split(field, 1)[0]
        if told == _E1238:
            return cls(field, "~", "^", "\\")
        marks = [mark for mark, _ in groupby(told)]
        return cls(field, *(marks[:3] + list(_USUAL)[len(marks) :]))

    def encode(self) -> str:
        """How a header begins."""
        return f"H{self.field}{self.repeat}{self.component}{self.escape}"

    def escaped(self, text: str) -> str:
        """`text` with its delimiters as escape sequences."""
        names = {self.field: "F", self.component: "S", self.repeat: "R", self.escape: "E"}
        names |= {"\r": "X0D", "\n": "X0A"}
        return "".join(
            f"{self.escape}{names[letter]}{self.escape}" if letter in names else letter for letter in text
        )

    def unescaped(self, text: str) -> str:
        """`text` with its escape sequences resolved; one that has no meaning is left as it is."""
        if self.escape not in text:
            return text
        names = {"F": self.field, "S": self.component, "R": self.repeat, "E": self.escape, "H": "", "N": ""}

        def meaning(match: re.Match[str]) -> str:
            name = match[1]
            if name[:1] == "X" and _HEX.fullmatch(name[1:]):
                return _decoded(bytes.fromhex(name[1:]))
            return names.get(name, match[0])

        mark = re.escape(self.escape)
        return re.sub(f"{mark}([FSREHN]|X[0-9A-Fa-f]+){mark}", meaning, text)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields as they were sent, and the delimiters that they were sent with."""

    fields: tuple[str, ...]
    delimiters: Delimiters

    @classmethod
    def parse(cls, line: bytes, delimiters: Delimiters) -> "Record":
        """Split a record into fields."""
        return cls(tuple(_decoded(line).split(delimiters.field)), delimiters)

    @property
    def type(self) -> str:
        """The letter of its type."""
        return self.fields[0].strip().upper()

    def text(self, index: int) -> str:
        """Field `index` as one text, without empty components around it; "" if there is none."""
        return self._plain(self._field(index).strip().strip(self.delimiters.component))

    def components(self, index: int) -> list[str]:
        """The components of field `index`, of its first repeat."""
        first = self._field(index).split(self.delimiters.repeat, 1)[0]
        return [self._plain(part) for part in first.split(self.delimiters.component)]

    def repeats(self, index: int) -> list[str]:
        """The repeats of field `index` that say something."""
        texts = [self._plain(part) for part in self._field(index).split(self.delimiters.repeat)]
        return [text for text in texts if text]

    def first(self, index: int) -> str:
        """The first component of field `index` that says something; "" if none does."""
        return next((part for part in self.components(index) if part), "")

    def _field(self, index: int) -> str:
        return self.fields[index] if index < len(self.fields) else ""

    def _plain(self, text: str) -> str:
        return self.delimiters.unescaped(text).strip()


def encode_record(fields: list[str | list[str]], delimiters: Delimiters | None = None) -> bytes:
    """A record of `fields`, each a text or its components; without the CR."""
    marks = delimiters or Delimiters()
    texts = [
        marks.escaped(one) if isinstance(one, str) else marks.component.join(map(marks.escaped, one))
        for one in fields
    ]
    return marks.field.join(texts).encode()


def encode_header(fields: list[str | list[str]], delimiters: Delimiters | None = None) -> bytes:
    """The header: its delimiters, then `fields` from H.3 on."""
    marks = delimiters or Delimiters()
    return f"{marks.encode()}{marks.field}".encode() + encode_record(fields, marks)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
