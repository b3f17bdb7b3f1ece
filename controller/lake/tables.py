"""What is in the lake: tables, their columns, and the SELECTs that they come from (docs/data-export.md).

A table of `DAYS` is cut by the day of `time` and only grows, but for days whose rows moved; one of `WHOLES`
is small and written anew by each generation. controller/lake/parts.py makes of SQLite's values what a column
is.
"""

from dataclasses import dataclass
from typing import Literal

SCHEMA = 1
"""Of the files and the manifest; it rises when a column changes or goes, not when one is added."""
DAY_US = 86_400_000_000

Kind = Literal["int64", "int32", "double", "text", "name", "bool", "us", "series", "reason"]
"""`name`: text of few values; `us`: µs since 1970, as a timestamp in UTC; `series`: id of a series, which
becomes device, bed, metric and unit; `reason`: number of a NoValue."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a SELECT."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class DayTable:
    """Rows with an id that only grows; `by_id` takes (after, until), `by_day` (µs, µs, first, last)."""

    name: str
    columns: tuple[Column, ...]
    by_id: str
    by_day: str
    order: tuple[str, ...]
    """How the rows of a file are sorted: what is asked for together lies together."""


@dataclass(frozen=True, slots=True)
class WholeTable:
    """All rows of `query`."""

    name: str
    columns: tuple[Column, ...]
    query: str
    lasting: str = ""
    """A column of true and false that stays true of a row of which it once was."""


def _columns(**kinds: Kind) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in kinds.items())


def _day_table(name: str, columns: tuple[Column, ...], told: str, order: tuple[str, ...]) -> DayTable:
    has_series = any(one.kind == "series" for one in columns)
    source = f"series CROSS JOIN {name} ON {name}.series = series.id" if has_series else name
    by_day = f"at_us >= ? AND at_us < ? AND {name}.id >= ? AND {name}.id <= ?"
    return DayTable(
        name,
        columns,
        f"SELECT {told} FROM {name} WHERE id > ? AND id <= ? ORDER BY id",
        f"SELECT {told} FROM {source} WHERE {by_day}",
        order,
    )


_OBSERVATION = _columns(
    id="int64", time="us", utc="us", series="series", value="double", reason="reason", quality="int32"
)
_WAVEFORM = _columns(
    id="int64", time="us", utc="us", series="series", rate_hz="double", samples="int32", quality="int32"
)
_ALERT = _columns(
    id="int64",
    time="us",
    utc="us",
    gateway="name",
    device="name",
    bed="name",
    code="name",
    priority="int32",
    active="bool",
    detail="text",
)

DAYS: tuple[DayTable, ...] = (
    _day_table(
        "observation",
        _OBSERVATION,
        "observation.id, at_us, utc_us, series, value, reason, quality",
        ("metric", "device", "time", "id"),
    ),
    _day_table(
        "waveform",
        _WAVEFORM,
        "waveform.id, at_us, utc_us, series, rate_mhz / 1000.0, length(samples) / 2, quality",
        ("metric", "device", "time", "id"),
    ),
    _day_table(
        "alert",
        _ALERT,
        "id, at_us, utc_us, gateway, device, bed, code, priority, active, detail",
        ("time", "id"),
    ),
)

_PERSON = """(SELECT {column} FROM patient_person JOIN patient ON patient.id = patient_person.patient
  WHERE patient.identifier = stay.identifier AND was IS NULL ORDER BY patient_person.id DESC LIMIT 1)"""
WHOLES: tuple[WholeTable, ...] = (
    WholeTable(
        "stay",
        _columns(
            id="int64",
            patient="text",
            bed="name",
            ward="name",
            home="bool",
            began="us",
            ended="us",
            sex="name",
            birth_date="text",
        ),
        f"""SELECT stay.id, stay.identifier, stay.bed, bed.ward, home.place IS NOT NULL,
          from_ms * 1000, to_ms * 1000, {_PERSON.format(column="sex")}, {_PERSON.format(column="birth_date")}
          FROM stay JOIN bed ON bed.id = stay.bed LEFT JOIN home ON home.place = stay.bed ORDER BY stay.id""",
        # What was measured at home was so, too, when the patient has given the devices back.
        lasting="home",
    ),
    WholeTable(
        "device",
        _columns(device="text", gateway="name", profile="name", serial="text", added="us"),
        """SELECT device.id, device.gateway, device.profile, nullif(inventory.serial, ''), added_ms * 1000
          FROM device LEFT JOIN inventory ON inventory.device = device.id ORDER BY device.id""",
    ),
    WholeTable(
        "assignment",
        _columns(id="int64", device="text", bed="name", began="us", ended="us"),
        "SELECT id, device, bed, from_ms * 1000, to_ms * 1000 FROM assignment ORDER BY id",
    ),
    WholeTable(
        "assessment",
        _columns(id="int64", stay="int64", time="us", kind="name", value="text"),
        "SELECT id, stay, at_ms * 1000, kind, value FROM assessment ORDER BY id",
    ),
    WholeTable("disowned", _columns(id="int64"), "SELECT reading FROM disowned ORDER BY reading"),
)
