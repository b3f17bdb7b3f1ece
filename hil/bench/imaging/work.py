"""What is measured, in order, and what is aimed at: how many times faster than Orthanc by the clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hil.bench.imaging.client import Connection
from hil.bench.imaging.material import PATIENT, STOW, Material, related

_DICOM: Final = {"Accept": 'multipart/related; type="application/dicom"'}
_RAW: Final = {"Accept": 'multipart/related; type="application/octet-stream"'}
_JPEG_FRAME: Final = {
    "Accept": 'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50'
}
_JSON: Final = {"Accept": "application/dicom+json"}
_PNG, _JPEG = {"Accept": "image/png"}, {"Accept": "image/jpeg"}
TOGETHER, FEW, REPEATED, SEARCHED = 50, 10, 40, 10
"""CT in one request, and in a smaller one; instances that are fetched; searches."""

Request = tuple[str, str, Mapping[str, str], bytes]
"""Method, path, headers, body."""


@dataclass(frozen=True, slots=True)
class Work:
    """`requests` are made of the round's material; each stands for `each` things. `aim`: None is none."""

    name: str
    aim: float | None
    requests: Callable[[Material], Sequence[Request]]
    each: int = 1

    def run(self, connection: Connection, requests: Sequence[Request]) -> int:
        """Ask them one after another; the bytes that came. Raises NotReady, OSError."""
        return sum(connection.size(*request) for request in requests)


def _stored(files: Sequence[bytes], together: int) -> list[Request]:
    return [
        ("POST", "/dicom-web/studies", STOW, related(files[at : at + together]))
        for at in range(0, len(files), together)
    ]


def _got(paths: Iterator[str], headers: Mapping[str, str]) -> list[Request]:
    return [("GET", path, headers, b"") for path in paths]


def _of_ct(suffix: str, headers: Mapping[str, str]) -> Callable[[Material], Sequence[Request]]:
    return lambda of: _got((of.ct.instance(n) + suffix for n in range(1, REPEATED + 1)), headers)


def _search(query: str) -> Callable[[Material], Sequence[Request]]:
    return lambda of: _got(
        (f"/dicom-web/{query.format(series=of.ct.path[11:])}" for _ in range(SEARCHED)), _JSON
    )


def _mr(of: Material) -> Sequence[Request]:
    return _got((of.mr.instance(n) for n in range(1, REPEATED + 1)), _DICOM)


def _frames(of: Material) -> Sequence[Request]:
    return _got((f"{of.cine.instance(1)}/frames/{n}" for n in range(1, REPEATED + 1)), _JPEG_FRAME)


WORKS: Final = (
    Work(
        "STOW CT, 50 in a request: each", 1.0, lambda of: _stored(of.ct.files[:TOGETHER], TOGETHER), TOGETHER
    ),
    Work("STOW CT, 10 in a request: each", 1.0, lambda of: _stored(of.ct.files[TOGETHER:], FEW), FEW),
    Work("STOW MR, one a request", 1.0, lambda of: _stored(of.mr.files, 1)),
    Work("STOW cine of 60 frames", None, lambda of: _stored(of.cine.files, 1)),
    Work("WADO instance, CT", 1.5, _of_ct("", _DICOM)),
    Work("WADO instance, MR", 1.5, _mr),
    Work("frame of a CT", 3.0, _of_ct("/frames/1", _RAW)),
    Work("frame of a cine, JPEG", 3.0, _frames),
    Work("series of 100 CT", 1.0, lambda of: _got(iter([of.ct.path]), _DICOM)),
    Work("metadata of an instance", None, _of_ct("/metadata", _JSON)),
    Work("metadata of a series", None, lambda of: _got(iter([f"{of.ct.path}/metadata"]), _JSON)),
    Work("rendered CT, PNG", 2.0, _of_ct("/rendered", _PNG)),
    Work("rendered CT, JPEG", 1.0, _of_ct("/rendered", _JPEG)),
    Work("QIDO studies of a patient", 1.0, _search(f"studies?PatientID={PATIENT}&limit=20")),
    Work(
        "QIDO studies, wild card and dates",
        1.0,
        _search("studies?PatientName=bench*&StudyDate=20261001-20261130&limit=20"),
    ),
    Work("QIDO instances, 100 of a series", 1.0, _search("{series}/instances?limit=100")),
)
