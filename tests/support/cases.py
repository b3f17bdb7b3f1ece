"""Cases for hand-overs: one of a ride as it would be, and strategies for any that the store could hold."""

import json
from typing import Any

from hypothesis import strategies as st

from controller.crew.entries import Checked, Mark
from controller.handover.case import (
    Alarm,
    Assessed,
    Case,
    Device,
    Instruction,
    Request,
    Stay,
    Step,
    Told,
    Trend,
    Vital,
    Who,
)
from controller.stays import UNKNOWN
from devices.model.crew import CHECKLISTS, CLASSES, MARKS, RESOURCES, SEXES, assessed
from devices.model.metrics import METRICS
from devices.model.observation import NoValue, Quality
from devices.model.scores_made import score
from devices.model.scores_sources import FEEDS

BEGUN_MS = 1_790_000_000_000
MINUTE_MS = 60_000
NUMBERS = [name for name, metric in METRICS.items() if metric.is_of_patient and not metric.is_waveform]


def told(metric: str, minute: float, value: float | None, **more: Any) -> Told:
    """A reading `minute` minutes after the beginning."""
    reason = NoValue.NO_CONTACT if value is None else None
    about = {"device": "mon-1", "reason": reason, "quality": 0} | more
    return Told(metric=metric, at_ms=BEGUN_MS + int(minute * MINUTE_MS), value=value, **about)


def vital(stay: Stay, last: Told, values: list[float | None], last_value: Told | None = None) -> Vital:
    """A metric of which `values` were the means, one a minute."""
    steps = tuple(Step(n, one - 2, one + 2, one) for n, one in enumerate(values) if one is not None)
    known = [one for one in values if one is not None]
    trend = Trend(stay.from_ms, MINUTE_MS, steps)
    extremes = (min(known) - 2, max(known) + 2, sum(known) / len(known)) if known else (None, None, None)
    before = last_value or (last if last.value is not None else None)
    return Vital(stay, last, before, 60 * len(values), 60 * len(known), 3, *extremes, trend)


def ride() -> Case:
    """A man who nobody knows, from the road to a bed, with all that a crew can tell."""
    road = Stay(1, "amb-1", "Ambulance 1", True, BEGUN_MS, BEGUN_MS + 30 * MINUTE_MS, "crew:Li Wei")
    bed = Stay(2, "bed-1", "Bed 1", False, BEGUN_MS + 30 * MINUTE_MS, None, "nurse")
    made_ms = BEGUN_MS + 35 * MINUTE_MS
    last = [
        *(told("hr", 34.9, 118), told("spo2", 34.9, 88, quality=int(Quality.LOW_PERFUSION))),
        *(told("rr", 34.9, 26), told("nibp_sys", 33, 92), told("nibp_dia", 33, 54), told("nibp_map", 33, 67)),
        *(told("temp_body", 12, 35.8), told("etco2", 34, None)),
    ]
    level = {
        "hr": 110,
        "spo2": 90,
        "rr": 24,
        "nibp_sys": 95,
        "nibp_dia": 55,
        "nibp_map": 68,
        "temp_body": 35.8,
    }
    there = tuple(
        vital(bed, one, [level.get(one.metric)] * 5, told("etco2", 20, 38) if one.metric == "etco2" else None)
        for one in last
    )
    before = tuple(
        vital(road, told(name, 29, usual), [usual + n % 5 - 2 for n in range(25)] + [None] * 3 + [usual])
        for name, usual in level.items()
    )
    assessments = (
        _found("consciousness", {"acvpu": "V"}, 5),
        _found("oxygen", {"on": True, "l_min": 10.0}, 6),
        _found("gcs", {"eye": 3, "verbal": None, "motor": 5}, 7),
        _found("scale", {"spo2": 1}, 7),
    )
    entries = {one.kind: one for one in assessments}
    item = score([one for one in last if one.metric in FEEDS], entries, made_ms).item(made_ms)
    return Case(
        made_ms=made_ms,
        from_ms=BEGUN_MS,
        who=Who(f"{UNKNOWN}00112233aabbccdd", "unknown, male, about 60", "male", 60, "adult"),
        stays=(road, bed),
        vitals=(*before, *there),
        alarms=(
            Alarm("rig", "mon-1", "spo2-low", 2, "88", "90", *_span(9, 12), True, False),
            Alarm("rig", "mon-1", "hr-high", 2, "121", "120", *_span(31, None), False, True),
        ),
        marks=(
            *(_mark("oxygen-given", "10 l/min by mask", 6), _mark("iv-access", "left forearm, 18 G", 8)),
            *(
                _mark("drug-given", "adrenaline 1 mg", 9),
                _mark("cpr-start", "", 10),
                _mark("cpr-stop", "", 14),
            ),
            *(_mark("rosc", "", 14), _mark("scene-left", "", 16), _mark("note", "家属稍后到院 <b>&", 18)),
        ),
        checks=(
            Checked("stroke", "face", True, "Li Wei", BEGUN_MS + 17 * MINUTE_MS),
            Checked("stroke", "arms", False, "Li Wei", BEGUN_MS + 18 * MINUTE_MS),
        ),
        assessments=assessments,
        requests=(
            Request("cath-lab", "STEMI", "crew:Li Wei", *_at(11), "room 2", "dr.chen", *_at(13)),
            Request("blood", "", "crew:Li Wei", *_at(15), None, None, None),
        ),
        instructions=(
            Instruction("0" * 16, "Aspirin 300 mg", "dr.chen", *_at(12), "Li Wei", *_at(13)),
            Instruction("1" * 16, "Second line, please", "dr.chen", *_at(19), None, None),
        ),
        devices=(Device("mon-1", "philips-intellivue"),),
        score=item,
        not_taken=1,
    )


def _at(minute: float) -> tuple[int]:
    return (BEGUN_MS + int(minute * MINUTE_MS),)


def _span(from_minute: float, to_minute: float | None) -> tuple[int, int | None]:
    return *_at(from_minute), None if to_minute is None else _at(to_minute)[0]


def _mark(code: str, text: str, minute: float) -> Mark:
    return Mark(code, text, "Li Wei", *_at(minute))


def _found(kind: str, value: dict[str, Any], minute: float) -> Assessed:
    return Assessed(kind, assessed(kind, json.dumps(value)), "crew:Li Wei", *_at(minute))


_WORDS = st.text(max_size=30)
_NAMES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp")), min_size=1, max_size=20
)
_TIMES = st.integers(BEGUN_MS - 10_000, BEGUN_MS + 90 * MINUTE_MS)
_MAYBE_TIMES = st.none() | _TIMES
_NUMBERS = st.floats(-40, 40_000, allow_nan=False).map(lambda one: round(one, 3))
_PARTS = st.none() | st.integers(1, 4)
_FOUND = st.one_of(
    st.tuples(st.just("consciousness"), st.fixed_dictionaries({"acvpu": st.sampled_from("ACVPU")})),
    st.tuples(st.just("oxygen"), st.sampled_from([{"on": False, "l_min": None}, {"on": True, "l_min": 2.5}])),
    st.tuples(st.just("oxygen"), st.just({"on": True, "l_min": None})),
    st.tuples(st.just("scale"), st.fixed_dictionaries({"spo2": st.sampled_from([1, 2])})),
    st.tuples(st.just("gcs"), st.fixed_dictionaries(dict.fromkeys(("eye", "verbal", "motor"), _PARTS))),
)


@st.composite
def _vitals(draw: st.DrawFn, stays: tuple[Stay, ...]) -> Vital:
    metric, device = draw(st.sampled_from(NUMBERS)), draw(st.sampled_from(["mon-1", "泵-2"]))
    value = draw(st.none() | _NUMBERS)
    reason = draw(st.sampled_from(NoValue)) if value is None else None
    quality = draw(st.integers(0, 255))
    last = Told(metric, device, draw(_TIMES), value, reason and int(reason), quality)
    means = draw(st.lists(st.none() | _NUMBERS, max_size=6))
    before = draw(st.none() | st.builds(told, st.just(metric), st.floats(0, 9), _NUMBERS))
    return vital(draw(st.sampled_from(stays)), last, means, before)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any: nobody told anything, everybody told everything, words in every script, times in any order."""
    cuts = sorted(draw(st.lists(st.integers(1, 60), min_size=1, max_size=3, unique=True)))
    starts, ends = [0, *cuts[:-1]], [*cuts[:-1], draw(st.none() | st.just(cuts[-1]))]
    stays = tuple(
        Stay(n + 1, f"bed-{n}", draw(_NAMES), draw(st.booleans()), *_span(start, end), draw(_NAMES))
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    who = st.builds(
        *(
            Who,
            st.just("P1") | st.just(f"{UNKNOWN}0123456789abcdef"),
            _WORDS,
            st.none() | st.sampled_from(SEXES),
        ),
        *(st.none() | st.integers(0, 150), st.none() | st.sampled_from(CLASSES)),
    )
    lists = st.sampled_from([(name, item) for name, items in CHECKLISTS.items() for item in items])
    checks = draw(st.dictionaries(lists, st.tuples(st.booleans(), _NAMES, _TIMES), max_size=4))
    few = {"max_size": 4}
    alarm = st.builds(
        *(Alarm, _NAMES, st.none() | st.just("mon-1"), st.sampled_from(["spo2-low", "new-one"])),
        *(st.integers(1, 3), _WORDS, _WORDS, _TIMES, _MAYBE_TIMES, st.booleans(), st.booleans()),
    )
    answers = st.just((None, None, None)) | st.tuples(_WORDS, _NAMES, _TIMES)
    ask = st.tuples(st.sampled_from(RESOURCES), _WORDS, _NAMES, _TIMES, answers)
    heard = st.just((None, None)) | st.tuples(_NAMES, _TIMES)
    tell = st.tuples(_WORDS, _NAMES, _TIMES, heard)
    vitals = draw(st.lists(_vitals(stays), max_size=6, unique_by=lambda one: (one.name, one.stay.id)))
    assessments = [Assessed(*one, *draw(st.tuples(_NAMES, _TIMES))) for one in draw(st.lists(_FOUND, **few))]
    made_ms = BEGUN_MS + draw(st.integers(60, 90)) * MINUTE_MS
    values = [one.last for one in vitals if one.name in FEEDS]
    scored = score(values, {one.kind: one for one in assessments}, made_ms).item(made_ms)
    return Case(
        made_ms=made_ms,
        from_ms=BEGUN_MS + draw(st.sampled_from([0, 5 * MINUTE_MS])),
        who=draw(who),
        stays=stays,
        vitals=tuple(vitals),
        alarms=tuple(draw(st.lists(alarm, **few))),
        marks=tuple(draw(st.lists(st.builds(Mark, st.sampled_from(MARKS), _WORDS, _NAMES, _TIMES), **few))),
        checks=tuple(Checked(*key, *told) for key, told in checks.items()),
        assessments=tuple(assessments),
        requests=tuple(Request(*one[:4], *one[4]) for one in draw(st.lists(ask, **few))),
        instructions=tuple(
            Instruction(f"{n:016x}", *one[:3], *one[3]) for n, one in enumerate(draw(st.lists(tell, **few)))
        ),
        devices=draw(st.sampled_from([(), (Device("mon-1", None),), (Device("泵-2", "a-pump"),)])),
        score=draw(st.sampled_from([None, scored])),
        not_taken=draw(st.integers(0, 3)),
    )
