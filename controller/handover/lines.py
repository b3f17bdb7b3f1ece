"""What a printed hand-over says, line by line, in the words of one language."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from controller.clock import utc_text
from controller.crew.entries import Mark
from controller.handover.case import Case, Vital
from controller.handover.coded import number
from controller.handover.course import GIVEN
from controller.handover.words import Words
from devices.model.observation import NoValue
from devices.model.scores_bedside import Gcs
from devices.model.spelled import quality_names, reason_name

_FIRST = (
    *("hr", "pr_spo2", "spo2", "nibp_sys", "nibp_dia", "nibp_map", "abp_sys", "abp_dia", "abp_map"),
    *("rr_co2", "rr", "rr_imped", "rr_pleth", "etco2", "temp_core", "temp_body", "temp_tymp"),
    *("glucose_cap", "glucose_cap_molar"),
)
"""What is looked for first."""


_UNITS = {"Cel": "°C", "1": ""}
"""UCUM as people write it, where brackets are not all that is in the way."""


def unit(vital: Vital) -> str:
    """The unit as people write it."""
    ucum = vital.metric.unit
    return _UNITS.get(ucum, ucum.replace("[", "").replace("]", ""))


class Lines:
    """Of one case. Times are `offset` minutes ahead of UTC."""

    def __init__(self, case: Case, words: Words, offset: int) -> None:
        self.case, self.words, self.offset = case, words, offset

    def moment(self, at_ms: int) -> str:
        """Date and time of day."""
        day, clock = self._at(at_ms)
        return f"{day} {clock[:5]}"

    def clock(self, at_ms: int) -> str:
        """The time of day, with the day where it is not that of the document."""
        day, clock = self._at(at_ms)
        return clock if day == self._at(self.case.made_ms)[0] else f"{day[5:]} {clock}"

    def zone_name(self) -> str:
        """UTC, or what is added to it."""
        hours, minutes = divmod(abs(self.offset), 60)
        return f"UTC{'-' if self.offset < 0 else '+'}{hours:02}:{minutes:02}" if self.offset else "UTC"

    def age(self, ms: int) -> str:
        """How long, in the largest unit that fits twice."""
        seconds = max(ms, 0) // 1000
        for key, unit in (("d", 86_400), ("h", 3600), ("min", 60)):
            if seconds >= 2 * unit:
                return self.words(f"age.{key}", n=seconds // unit)
        return self.words("age.s", n=seconds)

    def who(self) -> str:
        """Name, identifier, sex and age, as far as they are known."""
        who, words = self.case.who, self.words
        identifier = f"{words('handover.identifier')} {who.identifier}"
        state = [words("handover.unknown")] if who.is_unknown else []
        sex = words.named("sex", who.sex) if who.sex else words("handover.no-sex")
        age = words("handover.age", n=who.age) if who.age is not None else words("handover.no-age")
        return " · ".join([*state, identifier, sex, age])

    def way(self) -> list[str]:
        """The places, and from when until when."""
        return [
            f"{self.clock(one.from_ms)} – "
            f"{self.clock(one.to_ms) if one.to_ms is not None else self.words('handover.now')}  {one.place}"
            for one in self.case.stays
        ]

    def vitals(self) -> list[Vital]:
        """The last of each metric, the most important first."""
        order = {name: place for place, name in enumerate(_FIRST)}
        return sorted(self.case.present, key=lambda one: (order.get(one.name, len(order)), one.name))

    def figure(self, vital: Vital) -> str:
        """The last value with its unit, or dashes."""
        value = vital.last.value
        return self.words("value.none") if value is None else self.amount(vital, value)

    @staticmethod
    def amount(vital: Vital, value: float) -> str:
        """With its unit as people write it."""
        return f"{number(value)} {unit(vital)}"

    def remark(self, vital: Vital) -> str:
        """Why there is none, what is against it, and what all readings in that place were."""
        words, told = self.words, vital.last
        said = [words.named("quality", name) for name in quality_names(told.quality)]
        if told.value is None:
            said.append(words.named("reason", reason_name(told.reason or NoValue.NOT_AVAILABLE)))
            if vital.last_value is not None:
                before = self.amount(vital, vital.last_value.value or 0)
                said.append(
                    words("handover.last-value", value=before, time=self.clock(vital.last_value.at_ms))
                )
        if vital.is_stale(self.case.made_ms):
            said.append(words("handover.old"))
        return " · ".join([*said, *self._all(vital)])

    def _all(self, vital: Vital) -> Iterable[str]:
        words, without = self.words, vital.readings - vital.valued
        if vital.low is not None and vital.high is not None:
            yield words("handover.range", low=number(vital.low), high=number(vital.high))
        yield words("handover.of", n=vital.readings)
        if without:
            yield words("handover.without", n=without)
        if vital.flawed:
            yield words("handover.doubtful", n=vital.flawed)

    def score(self) -> tuple[str, list[str]]:
        """NEWS2, and the reason for each point."""
        words, score = self.words, self.case.score
        if score is None:
            return words("handover.no-score"), []
        news2 = score["news2"]
        total, risk = news2["total"], words.named("scores.risk", news2["risk"])
        told = words("handover.at-least", n=news2["least"]) if total is None else str(total)
        return f"{told} · {risk}", [self._part(part) for part in news2["parts"]]

    def _part(self, part: Mapping[str, Any]) -> str:
        name = self.words.named("scores", part["parameter"])
        if part["points"] is None:
            return f"– {name}: {self.words.named('scores.lack', part['lack'])}"
        value = self._oxygen(part) if part["parameter"] == "oxygen" else part["value"]
        because = f" ({part['reason']})" if part["reason"] else ""
        return f"{part['points']} {name}: {value}{because} · {self.clock(part['at_ms'])}"

    def _oxygen(self, part: Mapping[str, Any]) -> str:
        flow = "" if part["value"] is None else " " + self.words("scores.flow", n=number(part["value"]))
        return self.words.named("scores.oxygen", part["under"]) + flow

    def marks(self) -> list[str]:
        """All that was done, but what was given."""
        return [self._mark(mark) for mark in self.case.marks if mark.code not in GIVEN]

    def given(self) -> list[str]:
        """Drugs, fluids, oxygen."""
        return [self._mark(mark) for mark in self.case.marks if mark.code in GIVEN]

    def _mark(self, mark: Mark) -> str:
        name = self.words.named("crew.mark", mark.code)
        text = f": {mark.text}" if mark.text.strip() else ""
        return f"{self.clock(mark.at_ms)} {name}{text} · {mark.by}"

    def assessed(self) -> list[str]:
        """What people found, and the checklists."""
        words = self.words
        found = [
            f"{self.clock(one.at_ms)} {words.named('assessed', one.kind)}: "
            f"{self._found(one.kind, one.value)} · {one.by}"
            for one in self.case.assessments
        ]
        checks = [
            f"{self.clock(one.at_ms)} {words.named('crew.list', one.list)}: "
            f"{words.named('crew.item', one.item)}"
            f"{'' if one.done else ' · ' + words('handover.taken-back')} · {one.by}"
            for one in self.case.checks
        ]
        return found + checks

    def _found(self, kind: str, value: Mapping[str, Any]) -> str:
        words = self.words
        if kind == "consciousness":
            return words.named("scores.acvpu", value["acvpu"])
        if kind == "gcs":
            gcs = Gcs(value["eye"], value["verbal"], value["motor"])
            return gcs.text if gcs.total is None else f"{gcs.total} ({gcs.text})"
        if kind == "oxygen":
            flow = value.get("l_min")
            on = words("scores.oxygen.oxygen" if value["on"] else "scores.oxygen.air")
            return on if flow is None else f"{on} {words('scores.flow', n=number(flow))}"
        return str(value["spo2"])

    def alarms(self) -> list[str]:
        """The gravest first, then in order of time."""
        words = self.words
        in_order = sorted(self.case.alarms, key=lambda one: (-one.priority, one.from_ms))
        said = []
        for one in in_order:
            until = self.clock(one.to_ms) if one.to_ms is not None else words("handover.goes-on")
            parts = [
                f"{self.clock(one.from_ms)} – {until} {words.named('alert', one.code)} {one.value}".rstrip()
            ]
            parts += [words("handover.limit", limit=one.limit)] if one.limit else []
            parts += [words("handover.seen")] if one.is_seen else []
            parts += [words("handover.escalated")] if one.is_escalated else []
            said.append(" · ".join(parts))
        return said

    def asked(self) -> list[str]:
        """Requests and instructions, and what became of them."""
        name = partial(self.words.named, "resource")
        requests = (
            (one.at_ms, f"{name(one.resource)} {one.note}", one.answered_by, one.answered_ms)
            for one in self.case.requests
        )
        told = ((one.at_ms, one.text, one.heard_by, one.heard_ms) for one in self.case.instructions)
        return [
            f"{self.clock(at_ms)} {what} · {self._answered(by, answered_ms)}"
            for at_ms, what, by, answered_ms in sorted([*requests, *told], key=lambda one: one[0])
        ]

    def _answered(self, by: str | None, at_ms: int | None) -> str:
        if at_ms is None:
            return self.words("handover.unanswered")
        return self.words("handover.answered", by=by, time=self.clock(at_ms))

    def _at(self, at_ms: int) -> tuple[str, str]:
        """Day and time of day: 2026-11-25, 21:05:36."""
        told = utc_text((at_ms + self.offset * 60_000) * 1000)
        return told[:10], told[11:19]
