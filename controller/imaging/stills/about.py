"""What is said of a file that is no DICOM: read from JSON, every field checked.

A crew's picture (`Still`) is said by the controller, which knows whose it is; `Import` by a person.
"""

import re
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from controller.clock import utc_of, utc_text
from controller.imaging.errors import BadQuery

PDF = "application/pdf"
LARGEST = 64 * 1024 * 1024
"""Bytes of a file."""
CONSENT = {
    "en": (
        "I have compared the person of this file with the patient by name, birth date and identifier, "
        "and I answer for adding it to this patient's record."
    ),
    "zh": "我已核对文件所属人与患者的姓名、出生日期和标识一致，并对将其加入该患者病历负责。",
}
"""What a person agrees to who adds a file: word for word, in the language in which it was read."""

_LONGEST = 64
"""Characters of an LO (PS3.5, 6.2) and of a component group of a PN."""
_DATE = re.compile(r"[0-9]{8}")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Still:
    """A crew's picture: of which patient, and when, where, how it was taken.

    `at_us`, `study_us`: when it was taken and when the stay on board began, UTC microseconds since 1970.
    `stay`: the box's own number of that; `number`: which picture of it. `clock`, `error_ms`: what the box's
    own UTC was worth; -1: nobody knows.
    """

    gateway: str
    vehicle: str
    stay: str
    patient_id: str
    patient_name: str
    by: str
    kind: str
    media: str
    shows: str
    number: int
    at_us: int
    study_us: int
    clock: str
    error_ms: int


@dataclass(frozen=True, slots=True)
class Known:
    """Who was on board in that stay is known better now: `was` is the identifier of before."""

    gateway: str
    stay: str
    was: str
    patient_id: str
    patient_name: str


@dataclass(frozen=True, slots=True)
class Import:
    """What somebody adds. `date`: of the picture, YYYYMMDD, or empty; `consent` is one of CONSENT."""

    patient_id: str
    patient_name: str
    birth_date: str
    sex: str
    media: str
    description: str
    date: str
    consent: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture out of a visit by video. `at_us`, `study_us`: when it was taken and when the visit began, UTC
    microseconds since 1970. `which`: "bare", or "annotated", then `bare` is the other one's SHA-256 in hex.
    """

    visit: str
    patient_id: str
    patient_name: str
    by: str
    shows: str
    which: str
    bare: str
    at_us: int
    study_us: int


def read_snapshot(told: Any) -> Snapshot:
    """Raises BadQuery."""
    one = _read(Snapshot, told)
    _check_word("which", one.which, ("bare", "annotated"))
    for name in ("visit", "patient_id", "by"):
        _check_line(name, getattr(one, name), least=1)
    _check_line("shows", one.shows, most=1024)
    if not re.fullmatch(r"[0-9a-f]{64}" if one.which == "annotated" else "", one.bare):
        raise BadQuery("bare: expected the SHA-256 of the bare picture, of an annotated one alone")
    return one


def read_still(told: Any) -> Still:
    """Raises BadQuery."""
    still = _read(Still, told)
    _check_word("kind", still.kind, ("ultrasound", "camera"))
    _check_word("media", still.media, ("image/jpeg", "image/png"))
    _check_line("patient_id", still.patient_id, least=1)
    if not still.by:
        raise BadQuery("by: expected who took it")
    for name in ("gateway", "vehicle", "stay"):
        _check_line(name, getattr(still, name), least=1, most=100)
    return still


def read_known(told: Any) -> Known:
    """Raises BadQuery."""
    known = _read(Known, told)
    for name in ("gateway", "stay", "was", "patient_id"):
        _check_line(name, getattr(known, name), least=1)
    return known


def read_import(told: Any) -> Import:
    """Raises BadQuery."""
    one = _read(Import, told)
    _check_word("media", one.media, ("image/jpeg", "image/png", PDF))
    _check_word("sex", one.sex, ("", "M", "F", "O"))
    _check_line("patient_id", one.patient_id, least=1)
    _check_line("patient_name", one.patient_name, least=1)
    _check_line("description", one.description)
    for name in ("birth_date", "date"):
        _check_date(name, getattr(one, name))
    if one.consent not in CONSENT.values():
        raise BadQuery("consent: expected the statement that has to be agreed to, word for word")
    return one


def person_name(name: str) -> str:
    """A name as a PN (PS3.5, 6.2): "Muster, Anna" is Muster^Anna; what separates components goes."""
    family, _, given = (re.sub(r"[\\^=\x00-\x1f\x7f]+", " ", part).strip() for part in name.partition(","))
    return "^".join(filter(None, (family, given)))[:_LONGEST]


def moment(utc_us: int) -> tuple[str, str]:
    """That time, in UTC, as DA and TM (PS3.5, 6.2): "20261126", "134500.123456"."""
    day, _, time = utc_text(utc_us).removesuffix("Z").partition("T")
    return day.replace("-", ""), time.replace(":", "")


def _read(kind: type[_T], told: Any) -> _T:
    """The dataclass of `told`, whose fields are text or whole numbers."""
    if not isinstance(told, dict):
        raise BadQuery("about: expected an object")
    types: dict[str, Any] = {one.name: one.type for one in fields(kind)}  # type: ignore[arg-type]
    if wrong := types.keys() ^ told.keys():  # pyright: ignore[reportUnknownVariableType]
        raise BadQuery(
            f"about: expected exactly {', '.join(types)}; {', '.join(sorted(map(str, wrong)))!r:.80} differs"
        )
    for name, wanted in types.items():
        if type(told[name]) is not wanted:  # pyright: ignore[reportUnknownArgumentType]
            raise BadQuery(f"{name}: expected {'a whole number' if wanted is int else 'text'}")
    return kind(**told)


def _check_word(name: str, value: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise BadQuery(f"{name}: expected one of {', '.join(filter(None, words))}, got {value!r:.40}")


def _check_line(name: str, value: str, least: int = 0, most: int = _LONGEST) -> None:
    if not least <= len(value) <= most or re.search(r"[\\\x00-\x1f\x7f]", value):
        raise BadQuery(f"{name}: expected {least} to {most} characters without a backslash (PS3.5, 6.2)")


def _check_date(name: str, value: str) -> None:
    if not value:
        return
    try:
        if not _DATE.fullmatch(value):
            raise ValueError
        utc_of(f"{value[:4]}-{value[4:6]}-{value[6:]}T00:00:00Z")
    except ValueError:
        raise BadQuery(f"{name}: expected a date like 20261126, got {value!r:.20}") from None
