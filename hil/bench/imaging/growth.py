"""The index with 1,000, 10,000 and 100,000 instances: what a search, a series and one more instance take.

Instances are slices of 8 × 8 pixels, twenty to a study, of people whose names others type otherwise.
They come by STOW, 200 in a request, like everything else.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
from pydicom import Dataset
from pydicom.uid import UID, CTImageStorage

from hil.bench.imaging.client import Connection
from hil.bench.imaging.material import STOW, related
from hil.bench.imaging.sides import Side
from hil.sims.imaging.objects import add_grey, to_file

SIZES: Final = (1_000, 10_000, 100_000)
_IN_A_STUDY, _IN_A_SERIES, _TOGETHER, _TIMES = 20, 10, 200, 40
_FAMILY: Final = (
    "Müller",
    "García",
    "Okafor",
    "Schmidt",
    "Ångström",
    "Øster",
    "Dubois",
    "Yılmaz",
    "Weiß",
    "王",
)
_GIVEN: Final = (
    "Anna",
    "Björn",
    "Chloé",
    "Dmitri",
    "Eva",
    "Fatima",
    "Günther",
    "Ivan",
    "Kofi",
    "Lea",
    "小东",
)
_NAME_BYTES: Final = 40
_JSON: Final = {"Accept": "application/dicom+json"}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """`per_s`: instances stored a second on the way to it; `ms`: medians by what was asked."""

    instances: int
    per_s: float
    ms: dict[str, float]


def measure(side: Side, sizes: Sequence[int], say: Say) -> list[Size]:
    """Fill the archive of `side` to each of `sizes` and ask. Raises NotReady, OSError."""
    make, found, count = template(), list[Size](), 0
    with side.connection() as connection:
        for size in sizes:
            began, first = time.perf_counter(), count
            while count < size:
                body = related([make(number) for number in range(count, count + _TOGETHER)])
                connection.ask("POST", "/dicom-web/studies", STOW, body)
                count += _TOGETHER
            per_s = (count - first) / (time.perf_counter() - began)
            asked = {name: _timed(connection, path) for name, path in _questions(count).items()}
            asked["one more instance"] = _one_more(connection, make, count)
            count += _TOGETHER
            found.append(Size(size, per_s, asked))
            say(f"{size:,} instances: {per_s:.0f} stored a second")
    return found


def table(sizes: Sequence[Size]) -> Iterator[str]:
    """Markdown."""
    yield "| median ms | " + " | ".join(f"{size.instances:,} instances" for size in sizes) + " |"
    yield "|---|" + "---|" * len(sizes)
    for name in sizes[0].ms:
        yield f"| {name} | " + " | ".join(f"{size.ms[name]:.2f}" for size in sizes) + " |"
    yield "| stored a second, 200 in a request | " + " | ".join(f"{size.per_s:.0f}" for size in sizes) + " |"


def _questions(count: int) -> dict[str, str]:
    """A path by what it asks for; of the study in the middle where it names one."""
    studies = count // _IN_A_STUDY
    middle = studies // 2
    uid, series = study_uid(middle), series_uid(middle, 0)
    asked = {
        "all studies, first page of 50": "studies?limit=50",
        "page of 50 at 80 % of them": f"studies?limit=50&offset={studies * 8 // 10}",
        "a patient's": f"studies?PatientID={patient(middle)}",
        "by accession number": f"studies?AccessionNumber=ACC{middle:09}",
        "of two months": "studies?StudyDate=20150101-20150228&limit=50",
        "name mül*": "studies?PatientName=m%C3%BCl*&limit=50",
        "name *gst*": "studies?PatientName=*gst*&limit=50",
        "fuzzy: angstrom eva": "studies?PatientName=angstrom%20eva&fuzzymatching=true&limit=50",
        "modality, dates and *mu*": "studies?ModalitiesInStudy=CT&StudyDate=20100101-20251231"
        "&PatientName=*mu*&limit=50",
        "series of a study": f"studies/{uid}/series",
        "instances of a series": f"studies/{uid}/series/{series}/instances",
        "metadata of a series": f"studies/{uid}/series/{series}/metadata",
    }
    return {name: f"/dicom-web/{path}" for name, path in asked.items()}


def _timed(connection: Connection, path: str) -> float:
    took = list[float]()
    for _ in range(_TIMES):
        began = time.perf_counter()
        connection.ask("GET", path, _JSON)
        took.append(1000 * (time.perf_counter() - began))
    return median(took)


def _one_more(connection: Connection, make: Callable[[int], bytes], count: int) -> float:
    took = list[float]()
    for number in range(count, count + _TIMES):
        began = time.perf_counter()
        connection.ask("POST", "/dicom-web/studies", STOW, related([make(number)]))
        took.append(1000 * (time.perf_counter() - began))
    return median(took)


def study_uid(study: int) -> str:
    """Of the study with this number."""
    return f"1.2.826.0.1.3680043.8.498.4{study:09}"


def series_uid(study: int, part: int) -> str:
    """Of a series of a study."""
    return f"1.2.826.0.1.3680043.8.498.5{study:07}{part:02}"


def patient(study: int) -> str:
    """Whose study it is: each second one is of somebody else."""
    return f"P{study // 2:08}"


def template() -> Callable[[int], bytes]:
    """Makes the instance with a number by filling in marks of the same length: 10 µs instead of 2 ms."""
    data = Dataset()
    data.SpecificCharacterSet, data.Modality = "ISO_IR 192", "CT"
    data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, UID("1.2.826.0.1.3680043.8.498.6999999999")
    data.StudyInstanceUID = UID("1.2.826.0.1.3680043.8.498.4999999999")
    data.SeriesInstanceUID = UID("1.2.826.0.1.3680043.8.498.5999999999")
    data.PatientID, data.PatientName, data.PatientBirthDate, data.PatientSex = (
        "P99999999",
        "N" * _NAME_BYTES,
        "",
        "",
    )
    data.StudyDate, data.StudyTime, data.AccessionNumber, data.StudyID = (
        "19991231",
        "101500",
        "ACC999999999",
        "",
    )
    data.SeriesNumber, data.InstanceNumber, data.ReferringPhysicianName = 1, 1, ""
    data.StudyDescription = "CT thorax"
    add_grey(data, np.zeros((8, 8), "u2"), bits=12)
    empty = to_file(data)

    def filled(number: int) -> bytes:
        study, place = divmod(number, _IN_A_STUDY)
        person = study // 2
        name = f"{_FAMILY[person % len(_FAMILY)]}{person // 50}^{_GIVEN[person % len(_GIVEN)]}".encode()
        date = f"20{10 + study % 17:02}{1 + study % 12:02}{1 + study % 28:02}"
        marks = {
            b".6999999999": f".6{number:09}".encode(),
            b".4999999999": f".4{study:09}".encode(),
            b".5999999999": f".5{study:07}{place // _IN_A_SERIES:02}".encode(),
            b"P99999999": patient(study).encode(),
            b"ACC999999999": f"ACC{study:09}".encode(),
            b"19991231": date.encode(),
            b"N" * _NAME_BYTES: name.ljust(_NAME_BYTES),
        }
        content = empty
        for mark, value in marks.items():
            content = content.replace(mark, value)
        return content

    return filled
