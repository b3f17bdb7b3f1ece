"""Rows of the index as DICOM JSON: what a search gives back (PS3.18, tables 10.6.3-3 to 10.6.3-5). Pure."""

from sqlite3 import Row
from typing import Any, Final

import orjson

from controller.imaging.archive.metadata import unpacked
from controller.imaging.decode.syntaxes import BIG_ENDIAN, EXPLICIT, IMPLICIT
from controller.imaging.dicomweb.keys import Level, vr
from controller.imaging.dicomweb.query import Search

Item = dict[str, Any]

STUDY: Final = (
    *("00080020", "00080030", "00080050", "00080090", "00100010", "00100020", "00100030", "00100040"),
    *("0020000D", "00200010"),
)
"""Attributes that every study is given with, empty if it has none."""
SERIES: Final = ("00080060", "0008103E", "0020000E", "00200011", "00400244", "00400245")
IF_THERE: Final = frozenset({"00080201", "00081030", "00400275"})
"""Given with what has them: the time zone, the study's description, the requests that a series belongs to."""
_PICTURE: Final = ("00280008", "00280010", "00280011", "00280100")
"""Frames, rows, columns, bits allocated: of instances that have them."""


class Results:
    """Makes items of what `Statement` selects. `base`: the address of everything of PS3.18."""

    def __init__(self, search: Search, base: str) -> None:
        self._search = search
        self._base = base

    def item(self, row: Row) -> Item:
        """One match; `row` has the columns that its level selects."""
        of_level = {Level.STUDY: self._study, Level.SERIES: self._series, Level.INSTANCE: self._instance}
        found = {"00080005": _element("CS", "ISO_IR 192"), **of_level[self._search.level](row)}
        return dict(sorted(found.items()))

    def _study(self, row: Row) -> Item:
        return {
            **self._chosen(row["study_attributes"], STUDY, Level.STUDY),
            "00080056": _available(row),
            "00081190": _element("UR", f"{self._base}/studies/{row['study_uid']}"),
            **_of_study(row),
        }

    def _series(self, row: Row) -> Item:
        above = self._above(row)
        return {
            **above,
            **self._chosen(row["series_attributes"], SERIES, Level.SERIES),
            "0020000D": _element("UI", row["study_uid"]),
            "00080056": _available(row),
            "00081190": _element("UR", f"{self._base}/studies/{row['study_uid']}/series/{row['series_uid']}"),
            "00201209": _element("IS", row["series_instances"]),
        }

    def _instance(self, row: Row) -> Item:
        above = self._above(row)
        if not self._search.in_series:
            above |= self._chosen(row["series_attributes"], SERIES, Level.SERIES)
            above["00201209"] = _element("IS", row["series_instances"])
        series = f"{self._base}/studies/{row['study_uid']}/series/{row['series_uid']}"
        found = {
            **above,
            **self._more(row, f"{series}/instances/{row['uid']}"),
            "00080016": _element("UI", row["class"]),
            "00080018": _element("UI", row["uid"]),
            "00080056": _available(row),
            "00081190": _element("UR", f"{series}/instances/{row['uid']}"),
            "00083002": _element("UI", _given(row["syntax"])),
            "0020000D": _element("UI", row["study_uid"]),
            "0020000E": _element("UI", row["series_uid"]),
            "00200013": _element("IS", row["number"]),
        }
        picture = orjson.loads(row["pixel"]) if row["pixel"] else {}
        return found | {tag: picture[tag] for tag in _PICTURE if tag in picture}

    def _above(self, row: Row) -> Item:
        """What a match has of its study: all of it, if the search was not within one."""
        if not self._search.in_study:
            return {**self._chosen(row["study_attributes"], STUDY, Level.STUDY), **_of_study(row)}
        return self._chosen(row["study_attributes"], (), Level.STUDY) if self._search.include else {}

    def _chosen(self, kept: bytes, always: tuple[str, ...], level: Level) -> Item:
        """Of the attributes `kept` those that are always given, and those that were asked for."""
        known: Item = orjson.loads(kept)
        if self._search.everything and self._search.level is level:
            found = known
        else:
            wanted = self._search.include | IF_THERE | {key.tag for key, _ in self._search.matches}
            found = {tag: known[tag] for tag in known if tag in wanted}
        return {tag: known.get(tag) or {"vr": vr(tag)} for tag in always} | found

    def _more(self, row: Row, here: str) -> Item:
        """Attributes of the instance itself that were asked for."""
        if row["metadata"] is None:
            return {}
        text = unpacked(row["metadata"], row["dictionary"])
        text = text.replace(b'"BulkDataURI":"bulkdata/', f'"BulkDataURI":"{here}/bulkdata/'.encode())
        whole: Item = orjson.loads(text)
        if self._search.everything:
            return {tag: value for tag, value in whole.items() if tag != "00080005"}
        return {tag: whole[tag] for tag in self._search.include if tag in whole}


def _of_study(row: Row) -> Item:
    """What is counted."""
    found = {
        "00080061": _element("CS", *row["modalities"].strip("\\").split("\\")),
        "00201206": _element("IS", row["study_series"]),
        "00201208": _element("IS", row["study_instances"]),
    }
    if row["classes"]:
        found["00080062"] = _element("UI", *row["classes"].split(","))
    return found


def _available(row: Row) -> Item:
    """Instance Availability (PS3.3, C.4.23): whether anything of it comes from a place that is slow now."""
    return _element("CS", "NEARLINE" if row["near"] else "ONLINE")


def _given(syntax: str) -> str:
    """The transfer syntax in which an instance that is stored so is given without being decoded."""
    return EXPLICIT if syntax in (IMPLICIT, BIG_ENDIAN) else syntax


def _element(vr: str, *values: str | int | None) -> Item:
    present = [value for value in values if value not in (None, "")]
    return {"vr": vr, "Value": present} if present else {"vr": vr}
