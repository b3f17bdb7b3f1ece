"""Attribute matching as SQL (PS3.4, C.2.2.2). Nothing of a request becomes SQL: it all becomes parameters.

conditions = Conditions(search)
conditions.where, conditions.parameters
"""

import re
from typing import Final

from controller.imaging.archive.names import fold, patterns, words
from controller.imaging.dicomweb.keys import TIME_OF, How, Key, keyword
from controller.imaging.dicomweb.query import Search
from controller.imaging.errors import BadQuery

_UID: Final = re.compile(r"[0-9.]{1,64}")
_DATE: Final = re.compile(r"\d{8}", re.ASCII)
_TIME: Final = re.compile(
    r"([01]\d|2[0-3])([0-5]\d([0-5]\d|60)?)?|([01]\d|2[0-3])[0-5]\d([0-5]\d|60)\.\d{1,6}", re.ASCII
)
_FULL_TIME: Final = "000000.000000"
_LATEST_TIME: Final = "235960.999999"
_MOST_VALUES: Final = 500
_MODALITIES: Final = "00080061"


class Conditions:
    """What rows must fulfil. Raises BadQuery: a value is not one of its attribute."""

    def __init__(self, search: Search) -> None:
        self.parameters: dict[str, str | int] = {}
        self._clauses: list[str] = []
        self._fuzzy = search.fuzzy
        values = {key.tag: value for key, value in search.matches}
        for date, time in TIME_OF.items():
            if date in values and time in values and "-" in values[date]:
                self._together(search, date, time)
                del values[date], values[time]
        rules = {
            How.TEXT: self._text,
            How.CODES: self._codes,
            How.NAME: self._name,
            How.UID: self._uids,
            How.DATE: self._date,
            How.TIME: self._time,
            How.NUMBER: self._number,
        }
        for key, value in search.matches:
            if key.tag in values:
                self._clauses.append(rules[key.how](key, value))

    @property
    def where(self) -> str:
        """For WHERE; "" when everything fulfils it."""
        return " AND ".join(f"({clause})" for clause in self._clauses)

    def _put(self, value: str | int) -> str:
        """The name of a parameter that is `value`."""
        name = f"value{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def _text(self, key: Key, value: str) -> str:
        found = _compared(key, self._one(value))
        # an index that leaves out what has none is only used by who says so, too
        return f"{found} AND study.accession <> ''" if key.sql == "study.accession" else found

    def _one(self, value: str) -> str:
        """ "= …" or "GLOB …" (C.2.2.2.1, C.2.2.2.4)."""
        if "*" in value or "?" in value:
            return f"GLOB {self._put(value.replace('[', '[[]'))}"
        return f"= {self._put(value)}"

    def _codes(self, key: Key, value: str) -> str:
        return " OR ".join(self._code(key, code) for code in _listed(key, value))

    def _code(self, key: Key, code: str) -> str:
        if key.tag == _MODALITIES and "*" not in code and "?" not in code:
            known = self._put("\\" + code + "\\")  # as the column has them: no look at each series
            return f"instr(study.modalities, {known}) > 0"
        return _compared(key, self._one(code))

    def _uids(self, key: Key, value: str) -> str:
        uids = _listed(key, value)
        if not all(_UID.fullmatch(uid) for uid in uids):
            raise BadQuery(f"{keyword(key.tag)}: expected UIDs of digits and dots, got {value!r}")
        return _compared(key, f"IN ({', '.join(self._put(uid) for uid in uids)})")

    def _number(self, key: Key, value: str) -> str:
        if not re.fullmatch(r"[+-]?\d{1,12}", value, re.ASCII):
            raise BadQuery(f"{keyword(key.tag)}: expected a whole number, got {value!r}")
        return _compared(key, f"= {self._put(int(value))}")

    def _name(self, key: Key, value: str) -> str:
        if key.sql != "study.folded":  # kept as it came: letters of ASCII are the same in both sizes
            return f"{key.sql} LIKE {self._put(_like(value))} ESCAPE '\\'"
        fuzzy = words(fold(value)).split() if self._fuzzy else []
        ways: list[str] = []
        if not fuzzy or "*" in value or "?" in value:
            ways.append(self._literally(value))
        if fuzzy:
            wanted = self._put(" AND ".join(f'"{word}"*' for word in fuzzy))
            ways.append(f"study.id IN (SELECT rowid FROM name WHERE name MATCH {wanted})")
        return " OR ".join(ways)

    def _literally(self, value: str) -> str:
        """On the index of names alone, so that a name in the middle is not looked for in every row."""
        alone, *in_groups = (f"own.folded GLOB {self._put(pattern)}" for pattern in patterns(value))
        groups = f"instr(own.folded, '=') AND ({' OR '.join(in_groups)})"
        return f"study.id IN (SELECT own.id FROM study AS own WHERE {alone} OR {groups})"

    def _date(self, key: Key, value: str) -> str:
        first, last = _ends(key, value, _DATE, "YYYYMMDD")
        return self._between(key.sql, first, last)

    def _time(self, key: Key, value: str) -> str:
        first, last = _ends(key, value, _TIME, "HHMMSS")
        return self._between(_padded(key.sql), _earliest(first), _latest(last))

    def _between(self, sql: str, first: str, last: str) -> str:
        """Both ends belong to it; what has no value is in no range (C.2.2.2.5)."""
        parts = [f"{sql} >= {self._put(first)}" if first else f"{sql} <> ''"]
        if last:
            parts.append(f"{sql} <= {self._put(last)}")
        return " AND ".join(parts)

    def _together(self, search: Search, date: str, time: str) -> None:
        """One range from a date and time to another (C.2.2.2.5.1)."""
        keys = {key.tag: key for key, _ in search.matches}
        days = _ends(keys[date], search.value(date), _DATE, "YYYYMMDD")
        times = _ends(keys[time], search.value(time), _TIME, "HHMMSS")
        first = days[0] and days[0] + (_earliest(times[0]) or _FULL_TIME)
        last = days[1] and days[1] + (_latest(times[1]) or _LATEST_TIME)
        day = keys[date].sql
        moment = f"({day} || {_padded(keys[time].sql)})"
        known = f"{day} <> '' AND {keys[time].sql} <> ''"
        self._clauses.append(f"{known} AND {self._between(moment, first, last)}")
        if days[0] or days[1]:  # the same again on the column alone, for its index
            self._clauses.append(self._between(day, *days))


def _compared(key: Key, comparison: str) -> str:
    return key.sql.replace("{}", comparison) if "{}" in key.sql else f"{key.sql} {comparison}"


def _listed(key: Key, value: str) -> list[str]:
    """A list has commas (PS3.18, 8.3.4.1) or backslashes (PS3.4, C.2.2.2.2)."""
    values = [part.strip() for part in value.replace("\\", ",").split(",") if part.strip()]
    if not 0 < len(values) <= _MOST_VALUES:
        raise BadQuery(f"{keyword(key.tag)}: expected 1 to {_MOST_VALUES} values, got {len(values)}")
    return values


def _ends(key: Key, value: str, form: re.Pattern[str], words: str) -> tuple[str, str]:
    """A value or a range: "" is an open end. One value is a range of itself."""
    first, dash, last = value.partition("-")
    first, last = first.strip(), last.strip()
    if not dash:
        last = first
    if not (first or last) or not all(form.fullmatch(end) for end in (first, last) if end):
        raise BadQuery(f"{keyword(key.tag)}: expected {words} or a range {words}-{words}, got {value!r}")
    return first, last


def _padded(sql: str) -> str:
    """A time of whatever precision as HHMMSS.FFFFFF."""
    return f"substr({sql} || substr('{_FULL_TIME}', length({sql}) + 1), 1, iif({sql} = '', 0, 13))"


def _earliest(time: str) -> str:
    """The first moment that "10" or "1030" means; "" stays."""
    return time and time + _FULL_TIME[len(time) :]


def _latest(time: str) -> str:
    """The last one: "10" lasts until 10:59:59.999999 (C.2.2.2.5.1: what is left out is not compared)."""
    return time and time + "xx5959.999999"[len(time) :]


def _like(value: str) -> str:
    for character in "\\%_":
        value = value.replace(character, "\\" + character)
    return value.replace("*", "%").replace("?", "_")
