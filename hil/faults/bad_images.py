"""Files that must not be taken for an image, and why: what an archive has to say of each.

for name, bad in bad_files(seed).items():
    status, answer = stow(bad.content)       # quarantined or refused with bad.reason, nothing of it is found

Shapes of known holes: paths in UIDs (dcmtk's storescp and dcmqrscp, CVE-2022-2119 and 2120),
references out of a DICOMDIR (pydicom, CVE-2026-32711), lengths beyond the file (GDCM, CVE-2025-11266),
nesting without end, deflated zeros. Those whose pixels are the trouble are in bad_pixels.py.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from pydicom import Dataset
from pydicom.config import disable_value_validation
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from hil.sims.imaging.head import KIND
from hil.sims.imaging.objects import Examination, Patient, add_grey, new_object, to_file
from hil.sims.imaging.ultrasound import heart_cine

VICTIM: Final = Patient("4711", "Muster^Anna", "19800214", "F")
_ITEM, _ENDLESS = b"\xfe\xff\x00\xe0", b"\xff\xff\xff\xff"
_PATHS: Final = {
    "a path upwards": "../../../../etc/cron.d/evil",
    "a path from the root": "/etc/passwd",
    "a path of Windows": "..\\..\\evil.exe",
    "an escaped path": "%2e%2e%2f%2e%2e%2fevil",
    "SQL": "1.2';DROP TABLE study;--",
    "HTML": "1.2<script>alert(1)</script>",
    "a line of a header": "1.2\r\nSet-Cookie: a=b",
    "a zero byte": "1.2\0.3",
    "65 characters": "1." + "2" * 63,
    "digits of another script": "1.²",
    "an empty component": "1..2",
    "nothing": "",
}
"""Instead of a UID, by what they are."""


@dataclass(frozen=True, slots=True)
class Bad:
    """`reason`: the archive's word; `kept`: its bytes wait for a person, in quarantine."""

    content: bytes
    reason: str
    kept: bool = True


def whole(seed: int, **elements: Any) -> bytes:
    """A good small CT of the victim's; other `elements` by keyword, valid or not; None takes one away."""
    return encoded(seed, ExplicitVRLittleEndian, **elements)


def encoded(seed: int, syntax: UID, **elements: Any) -> bytes:
    """The same in another transfer syntax for uncompressed pixels."""
    examination = Examination(VICTIM, datetime(2026, 11, 26, 10, tzinfo=UTC), f"A{seed}", seed)
    data = new_object(examination, KIND)
    data.ImageType, data.PixelSpacing, data.RescaleIntercept, data.RescaleSlope = (
        ["ORIGINAL", "PRIMARY"],
        [1, 1],
        0,
        1,
    )
    add_grey(data, np.arange(32 * 32, dtype="u2").reshape(32, 32), bits=12)
    return changed(data, syntax, **elements)


def changed(data: Dataset, syntax: UID = ExplicitVRLittleEndian, **elements: Any) -> bytes:
    """`data` as a file, with other elements."""
    with disable_value_validation():
        for keyword, value in elements.items():
            data.pop(keyword, None)
            if value is not None:
                setattr(data, keyword, value)
                data[keyword].VR = data[keyword].VR.partition(" or ")[0]
        return to_file(data, syntax, valid=False)


def bad_files(seed: int) -> Mapping[str, Bad]:
    """By name; another `seed`: other studies."""
    return {**_other_things(), **_cut(seed), **_lying(), **_uids(seed), **_floods(seed)}


def _other_things() -> dict[str, Bad]:
    """Files with the name of an image."""
    contents = {
        "a PDF": b"%PDF-1.7\n" + b"1 0 obj\n" * 99,
        "a photograph": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(999),
        "a program": b"\x7fELF\2\1\1" + bytes(999),
        "an archive": b"PK\3\4" + bytes(999),
        "a page with a script": b"<!doctype html><script>alert(1)</script>" + b" " * 999,
        "a preamble and no more": bytes(128) + b"DICM",
        "zeros": bytes(4096),
        "a data set without a head": whole(0)[144 + 200 :],
    }
    return {name: Bad(content, "not-dicom") for name, content in contents.items()} | {
        "no bytes": Bad(b"", "empty", kept=False)
    }


def _cut(seed: int) -> dict[str, Bad]:
    """Good files whose end is missing."""
    image = whole(seed)
    examination = Examination(VICTIM, datetime(2026, 11, 26, 10, tzinfo=UTC), f"C{seed}", seed)
    cine = heart_cine(examination, frames=2)
    return {
        "cut in its meta": Bad(image[:200], "truncated"),
        "cut in its header": Bad(image[:701], "truncated"),
        "cut in its pixels": Bad(image[:-100], "truncated"),
        "a cine cut in a frame": Bad(cine[:-5000], "truncated"),
        "a cine without its end": Bad(cine[:-8], "truncated"),
    }


def _lying() -> dict[str, Bad]:
    """Headers that say what is not so."""
    pixels = b"\xe0\x7f\x10\0OB\0\0" + _ENDLESS
    sequence = b"\x08\0\x10\x11SQ\0\0"
    bodies = {
        "a value of 4 GB": (b"\x10\0\x10\0UT\0\0\xfe\xff\xff\xff" + b"a" * 50, "truncated"),
        "a text without a length": (b"\x10\0\x10\0UT\0\0" + _ENDLESS + b"a" * 50, "structure"),
        "two patients": (b"\x10\0\x20\0LO\4\x004711\x10\0\x20\0LO\4\x004712", "structure"),
        "a VR that is none": (b"\x10\0\x20\0ZZ\2\0A ", "vr"),
        "an item of 4 GB": (sequence + b"\x08\0\0\0" + _ITEM + b"\xf0" + _ENDLESS[1:], "truncated"),
        "sequences without end": ((sequence + _ENDLESS + _ITEM + _ENDLESS) * 9000, "too-deep"),
        "a fragment of 4 GB": (pixels + _ITEM + b"\xf0" + _ENDLESS[1:], "truncated"),
        "a fragment before its table": (pixels + b"\x10\0\x20\0" + bytes(4), "pixels"),
        "pixels without a table": (pixels + b"\xfe\xff\xdd\xe0" + bytes(4), "pixels"),
        "half a number": (b"\x28\0\x10\0US\3\0\1\2\3", "length"),
        "commands of the network": (b"\0\0\2\0UI\2\x001\0", "structure"),
    }
    named = {name: Bad(framed(body), reason) for name, (body, reason) in bodies.items()}
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = (deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)) * 300
    return named | {
        "implicit, and a value of 4 GB": Bad(
            framed(b"\x10\0\x20\0\xfe\xff\xff\xff4711", ImplicitVRLittleEndian), "truncated"
        ),
        "deflated zeros": Bad(framed(bomb, DeflatedExplicitVRLittleEndian), "too-large"),
        "deflated, and not": Bad(framed(b"\xff" * 99, DeflatedExplicitVRLittleEndian), "deflate"),
        "no transfer syntax": Bad(framed(b"\x10\0\x20\0LO\4\x004711", ""), "meta"),
    }


def _uids(seed: int) -> dict[str, Bad]:
    """What is not a UID where one is expected."""
    keys = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
    found = {
        f"{keyword}: {name}": Bad(whole(seed, **{keyword: text}), "bad-uid")
        for number, (name, text) in enumerate(_PATHS.items())
        for keyword in (keys[number % 4], "SOPInstanceUID")
    }
    entry = Dataset()
    entry.DirectoryRecordType = "IMAGE"
    with disable_value_validation():
        entry.ReferencedFileID = ["..", "..", "etc", "passwd"]
    directory = Dataset()
    directory.FileSetID, directory.DirectoryRecordSequence = "EVIL", [entry]
    return found | {"a DICOMDIR that leads upwards": Bad(changed(directory), "bad-uid")}


def _floods(seed: int) -> dict[str, Bad]:
    """More than there is of a good thing."""
    begin = whole(seed, PixelData=None)
    return {
        "9,000 private texts": Bad(begin + private(9000, b"x" * 500), "header-too-large"),
        "a number of 30 digits": Bad(whole(seed, InstanceNumber="9" * 30), "value"),
    }


def private(count: int, value: bytes) -> bytes:
    """So many private elements, in groups after 7FE0: a data set may end with them."""
    number = np.arange(count)
    header = np.zeros(count, [("tag", "<u2", 2), ("vr", "S2"), ("length", "<u2"), ("value", "S", len(value))])
    header["tag"] = np.stack((0x7FE1 + 2 * (number // 60_000), 0x1000 + number % 60_000), axis=1)
    header["vr"], header["length"], header["value"] = b"LT", len(value), value
    return header.tobytes()


def framed(body: bytes, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """A Part 10 file around any bytes; `syntax` "": it names none."""
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    element = b"\2\0\x10\0UI" + struct.pack("<H", len(uid)) + uid if syntax else b""
    return bytes(128) + b"DICM" + b"\2\0\0\0UL\4\0" + struct.pack("<L", len(element)) + element + body
