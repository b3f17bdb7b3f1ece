"""How hints and gaps are made: each with its words in both languages, a hint with an id over its content."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from controller.prescriptions.checks.knowledge import Base
from controller.prescriptions.checks.model import RANK, Fact, Gap, Hint, Kind, Line, Severity, Text


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, before it is made a hint of its base."""

    kind: Kind
    severity: Severity
    what: Text
    lines: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    reference: str = ""


def hint(found: Finding, base: Base | None) -> Hint:
    """A hint of `base`; None: the codes as they were prescribed say it, whatever any base knows."""
    name = base.source.name if base else "codes as prescribed"
    edition, licence = (base.source.edition, base.source.licence) if base else ("", "")
    values = [[fact.name, fact.value, fact.unit] for fact in found.facts]
    content = [
        found.kind,
        found.severity,
        found.what.en,
        found.what.zh,
        found.lines,
        values,
        name,
        found.reference,
    ]
    return Hint(
        id=_digest(content),
        kind=found.kind,
        severity=found.severity,
        what=found.what,
        lines=found.lines,
        facts=found.facts,
        source=name,
        edition=edition,
        licence=licence,
        reference=found.reference,
    )


def _digest(content: object) -> str:
    return sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:32]


def in_order(hints: Sequence[Hint]) -> tuple[Hint, ...]:
    """The gravest first, each once, in an order that does not depend on that of the lines."""
    return tuple(
        sorted(
            {one.id: one for one in hints}.values(), key=lambda one: (RANK[one.severity], one.kind, one.id)
        )
    )


_GAPS = {
    "unknown-substance": ("{} is in no knowledge base: nothing was checked for it",
                          "{}：任何知识库均未收录，未作任何检查"),
    "no-ingredients": ("the ingredients of {} are not known: nothing was checked for it",
                       "{}：成分未知，未作任何检查"),
    "unknown-pair": ("interactions of {} are not known: no base has both",
                     "{}：没有知识库同时收录两者，未检查相互作用"),
    "allergies-not-recorded": ("nobody has recorded whether there are allergies: not checked",
                               "未记录有无过敏史，未检查过敏"),
    "unknown-allergy": ("the allergy to {} is in no knowledge base: compared by its code and name only",
                        "对{}的过敏：知识库未收录，仅按代码和名称比对"),
    "no-dose-data": ("no base has a limit of the dose of {} for this patient and route: dose not checked",
                     "{}：没有适用于该患者和给药途径的剂量限值，未检查剂量"),
    "no-dose": ("{}: there is no dose to check", "{}：未填剂量，未检查剂量"),
    "no-daily-dose": ("{}: how often it is given is not known: daily dose not checked",
                      "{}：给药次数未知，未检查日剂量"),
    "no-route": ("{}: the route is not known: limits for one route were not checked",
                 "{}：给药途径未知，未检查特定途径的限值"),
    "no-strength": ("{}: how much of the substance a dose holds is not known: dose not checked",
                    "{}：每次剂量所含成分量未知，未检查剂量"),
    "incomparable-dose": ("{}: the dose cannot be compared with the limit: not checked",
                          "{}：剂量单位与限值无法比较，未检查"),
    "no-sum": ("{}: the dose in another prescription cannot be added: daily sum not checked",
               "{}：其他处方的剂量无法相加，未检查日总量"),
    "no-weight": ("{}: no weight known: limits per kg or by renal function not checked",
                  "{}：体重未知，未检查按体重或肾功能的限值"),
    "bad-weight": ("{}: the weight cannot be read: limits per kg or by renal function not checked",
                   "{}：体重无法解读，未检查按体重或肾功能的限值"),
    "future-weight": ("{}: the weight is of a later day: limits per kg or by renal function not checked",
                      "{}：体重的测量日期在将来，未检查按体重或肾功能的限值"),
    "no-age": ("{}: no exact birth date known: limits by age or renal function not checked",
               "{}：出生日期不完整或未知，未检查按年龄或肾功能的限值"),
    "no-creatinine": ("{}: no creatinine known: limits by renal function not checked",
                      "{}：肌酐未知，未检查按肾功能的限值"),
    "bad-creatinine": ("{}: the creatinine cannot be read: limits by renal function not checked",
                       "{}：肌酐无法解读，未检查按肾功能的限值"),
    "future-creatinine": ("{}: the creatinine is of a later day: limits by renal function not checked",
                          "{}：肌酐的测量日期在将来，未检查按肾功能的限值"),
    "no-sex": ("{}: Cockcroft-Gault needs female or male: limits by renal function not checked",
               "{}：Cockcroft-Gault 公式需要性别，未检查按肾功能的限值"),
    "child-clearance": ("{}: Cockcroft-Gault is not for under 18 years: limits by renal function not checked",
                        "{}：未满 18 岁不适用 Cockcroft-Gault 公式，未检查按肾功能的限值"),
    "old-weight": ("the weight that was used is {} days old", "所用体重是 {} 天前测量的"),
    "old-creatinine": ("the creatinine that was used is {} days old", "所用肌酐是 {} 天前测量的"),
    "no-knowledge": ("there is no knowledge base: only codes were compared", "没有知识库，仅比对了代码"),
}  # fmt: skip


def gap(kind: Kind, code: str, about: str = "") -> Gap:
    """A gap in its words; `about` is what it is of."""
    en, zh = _GAPS[code]
    of = "" if code.startswith("old-") else about  # how old a value is changes by the day
    return Gap(_digest([kind, code, of]), kind, code, Text(en.format(about), zh.format(about)))


def name_of(line: Line) -> str:
    """What a person calls the line."""
    return line.medicine.display
