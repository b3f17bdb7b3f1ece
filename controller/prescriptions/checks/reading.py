"""Reads a base from its files; docs/knowledge-base.md describes them for who makes one.

base.toml          name, edition, licence, languages, system, not_covered; reviewed_by, if somebody did
groups.csv         penicillins, NSAIDs, …; a group is named `group:code` in the other files
substances.csv     codes, names, groups
allergies.csv      who is allergic to this may be to that        (optional, like the next two)
doses.csv          the most of a substance, for whom
interactions.csv   two that are not to be given together, or with care
"""

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from controller.prescriptions.checks.knowledge import Base, Bound, Cross, Group, Interaction, Limit, Substance
from controller.prescriptions.checks.model import Severity, Source, Text
from controller.prescriptions.checks.tables import KnowledgeError, Row, head, rows

HEAD, GROUPS, SUBSTANCES = "base.toml", "groups.csv", "substances.csv"
ALLERGIES, DOSES, INTERACTIONS = "allergies.csv", "doses.csv", "interactions.csv"
ROUTES = frozenset(
    {
        "oral", "sublingual", "rectal", "intravenous", "intramuscular", "subcutaneous", "intrathecal",
        "inhaled", "nasal", "ophthalmic", "topical", "transdermal",
    }
)  # fmt: skip
COLUMNS: Mapping[str, tuple[str, ...]] = {
    GROUPS: ("code", "name_en", "name_zh", "synonyms", "duplicate"),
    SUBSTANCES: ("code", "name_en", "name_zh", "atc", "rxnorm", "groups", "synonyms", "high_alert"),
    ALLERGIES: ("known", "given", "severity", "note_en", "note_zh", "reference"),
    DOSES: ("substance", "routes", "age_from", "age_below", "weight_below", "clearance_below", "per", "most",
            "unit", "severity", "note_en", "note_zh", "reference"),
    INTERACTIONS: ("one", "other", "severity", "effect_en", "effect_zh", "reference"),
}  # fmt: skip
_ATC = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}")
_RXNORM = re.compile(r"[0-9]{1,8}")
_GROUP = re.compile(r"group:[a-z0-9][a-z0-9-]{0,63}")
_KEY = re.compile(r"(group:)?[a-z0-9][a-z0-9-]{0,63}")
_SEVERITIES = {str(severity): severity for severity in Severity}
_YES_NO = {"yes": True, "no": False}
_PER = {"dose": "dose", "day": "day", "week": "week", "never": "never"}
Named = TypeVar("Named", Group, Substance)


def read_folder(folder: Path) -> Base:
    """The base in a folder. Raises KnowledgeError."""
    try:
        return read(
            {name: (folder / name).read_bytes() for name in (HEAD, *COLUMNS) if (folder / name).is_file()}
        )
    except OSError as error:
        raise KnowledgeError(f"{folder}: expected the files of a base, got {error}") from error


def starter() -> Base:
    """The small base that comes along."""
    files = resources.files("controller.prescriptions.checks") / "starter"
    return read({name: (files / name).read_bytes() for name in (HEAD, *COLUMNS)})


def read(files: Mapping[str, bytes]) -> Base:
    """The base in these files, by their names. Raises KnowledgeError, and nothing else."""
    for name in (HEAD, GROUPS, SUBSTANCES):
        if name not in files:
            raise KnowledgeError(
                f"{name}: expected this file in the base, got {', '.join(sorted(files)) or 'none'}"
            )
    about = _about(head(HEAD, files[HEAD]))
    tables = {name: list(rows(name, files[name], COLUMNS[name])) for name in COLUMNS if name in files}
    groups = _by_code((row, _group(row)) for row in tables[GROUPS])
    substances = _by_code((row, _substance(row, groups)) for row in tables[SUBSTANCES])
    _distinct(tables[SUBSTANCES], substances)
    keys = {*groups, *substances}
    limits: dict[str, tuple[Limit, ...]] = {}
    for row in tables.get(DOSES, ()):
        limit = _limit(row, substances)
        limits[limit.substance] = (*limits.get(limit.substance, ()), limit)
    interactions = tuple(_interaction(row, keys) for row in tables.get(INTERACTIONS, ()))
    crosses = tuple(_cross(row, keys) for row in tables.get(ALLERGIES, ()))
    source = Source(about["name"], about["edition"], about["licence"], len(substances), len(limits),
                    len(interactions), tuple(about["not_covered"]), about["reviewed_by"])  # fmt: skip
    return Base(source, substances, groups, limits, interactions, crosses, about["system"])


def _about(said: dict[str, Any]) -> dict[str, Any]:
    """The head; its members are checked, and there are no others."""
    texts, lists = ("name", "edition", "licence", "system"), ("languages", "not_covered")
    if sorted(said.keys() - {"reviewed_by"}) != sorted((*texts, *lists)):
        raise KnowledgeError(f"{HEAD}: expected {', '.join((*texts, *lists))}, got {', '.join(sorted(said))}")
    said = {"reviewed_by": "", **said}
    if not isinstance(said["reviewed_by"], str):
        raise KnowledgeError(f"{HEAD}, reviewed_by: expected some text, got {said['reviewed_by']!r}")
    for name in texts:
        if not isinstance(said[name], str) or not said[name].strip():
            raise KnowledgeError(f"{HEAD}, {name}: expected some text, got {said[name]!r}")
    for name in lists:
        if not isinstance(said[name], list) or not all(isinstance(one, str) and one for one in said[name]):
            raise KnowledgeError(f"{HEAD}, {name}: expected a list of texts, got {said[name]!r}")
    if not {"en", "zh"}.intersection(said["languages"]):
        raise KnowledgeError(f'{HEAD}, languages: expected "en", "zh" or both, got {said["languages"]!r}')
    return said


def _by_code(read_rows: Iterable[tuple[Row, Named]]) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for row, one in read_rows:
        if one.code in found:
            raise row.wrong("code", "a code that is not above already")
        found[one.code] = one
    return found


def _distinct(table: Iterable[Row], substances: Mapping[str, Substance]) -> None:
    """An ATC or RxNorm code leads to one substance only."""
    seen: set[str] = set()
    for row in table:
        one = substances[row.cells["code"]]
        for column, codes in (("atc", one.atc), ("rxnorm", (one.rxnorm,) if one.rxnorm else ())):
            if seen.intersection(codes):
                raise row.wrong(column, "codes that no substance above has")
            seen.update(codes)


def _text(row: Row, column: str) -> Text:
    """Of a base in one language, the other says the same words."""
    en, zh = row.cells[f"{column}_en"], row.cells[f"{column}_zh"]
    if not en and not zh:
        raise row.wrong(f"{column}_en", "some text, here or in the other language")
    return Text(en or zh, zh or en)


def _group(row: Row) -> Group:
    return Group(
        row.code("code", _GROUP), _text(row, "name"), row.names("synonyms"), row.choice("duplicate", _YES_NO)
    )


def _substance(row: Row, groups: Mapping[str, Group]) -> Substance:
    own = row.words("groups", _GROUP)
    if not set(own) <= set(groups):
        raise row.wrong("groups", f"groups of {GROUPS}")
    return Substance(
        code=row.code("code", re.compile(r"[a-z0-9][a-z0-9-]{0,63}")),
        name=_text(row, "name"),
        atc=row.words("atc", _ATC),
        rxnorm=row.code("rxnorm", _RXNORM) if row.cells["rxnorm"] else "",
        groups=frozenset(own),
        synonyms=row.names("synonyms"),
        high_alert=row.choice("high_alert", _YES_NO),
    )


def _key(row: Row, column: str, keys: set[str]) -> str:
    key = row.code(column, _KEY)
    if key not in keys:
        raise row.wrong(column, f"a substance of {SUBSTANCES} or a group of {GROUPS}")
    return key


def _age(cell: str) -> Bound | None:
    """From 28d, 6m or 12y; nothing is no bound."""
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{1,3}[dmy]", cell):
        raise ValueError(cell)
    return Bound(int(cell[:-1]), cell[-1])


def _limit(row: Row, substances: Mapping[str, Substance]) -> Limit:
    per = row.choice("per", _PER)
    most = row.quantity("most", "unit")
    if (per == "never") != (most.value == 0):
        raise row.wrong("most", "0 if, and only if, it is never to be given")
    if most.unit.split("/")[1:] not in ([], ["kg"]):
        raise row.wrong("unit", "a unit of amount, or one per kg of body weight")
    if not set(routes := row.words("routes")) <= ROUTES:
        raise row.wrong("routes", " or ".join(sorted(ROUTES)))
    if (substance := row.code("substance")) not in substances:
        raise row.wrong("substance", f"a substance of {SUBSTANCES}")
    return Limit(
        substance=substance,
        routes=frozenset(routes),
        age_from=row.made("age_from", _age, "an age such as 28d, 6m or 12y"),
        age_below=row.made("age_below", _age, "an age such as 28d, 6m or 12y"),
        weight_below=row.number_or_none("weight_below"),
        clearance_below=row.number_or_none("clearance_below"),
        per=per,
        most=most,
        severity=row.choice("severity", _SEVERITIES),
        note=_text(row, "note"),
        reference=row.text("reference"),
    )


def _interaction(row: Row, keys: set[str]) -> Interaction:
    severity, effect = row.choice("severity", _SEVERITIES), _text(row, "effect")
    return Interaction(
        _key(row, "one", keys), _key(row, "other", keys), severity, effect, row.text("reference")
    )


def _cross(row: Row, keys: set[str]) -> Cross:
    severity, note = row.choice("severity", _SEVERITIES), _text(row, "note")
    return Cross(_key(row, "known", keys), _key(row, "given", keys), severity, note, row.text("reference"))
