"""Properties of the checks that hold for any lines, patients and bases."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.prescriptions.checks.check import check
from controller.prescriptions.checks.knowledge import Base, Knowledge
from controller.prescriptions.checks.model import Facts, Hint, Line, Measured, Timing
from controller.prescriptions.checks.units import quantity

from .given import ADULT, CHILD, DAY_MS, KNOWLEDGE, NOW_MS, STARTER, TODAY, allergic, gaps, line

CODES = sorted(STARTER.substances)
ROUTES = st.sampled_from(["", "oral", "intravenous", "subcutaneous", "intrathecal"])
UNITS = st.sampled_from(["mg", "g", "ug", "mmol", "[iU]", "mL", "{tablet}"])
TIMINGS = st.none() | st.builds(
    Timing, st.integers(1, 6), st.integers(1, 8), st.sampled_from(["h", "d", "wk"])
)
DOSES = st.none() | st.builds(quantity, st.decimals(0, 5000, places=2), UNITS)
WEIGHTS = st.none() | st.builds(
    Measured, st.floats(1, 200), st.just("kg"), st.integers(NOW_MS - 500 * DAY_MS, NOW_MS)
)


@st.composite
def lines(draw: st.DrawFn, dose: st.SearchStrategy[object] = DOSES) -> Line:
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=2, unique=True))
    made = line(*codes, route=draw(ROUTES), of=f"line-{draw(st.integers(0, 10**6))}")
    return replace(made, dose=draw(dose), timing=draw(TIMINGS), as_needed=draw(st.booleans()))  # type: ignore[arg-type]


@st.composite
def patients(draw: st.DrawFn) -> Facts:
    base = draw(st.sampled_from([ADULT, CHILD, Facts(), allergic("penicillin", "NSAIDs", "no such thing")]))
    creatinine = st.none() | st.builds(Measured, st.floats(20, 900), st.just("umol/L"), st.just(NOW_MS))
    return replace(base, weight=draw(WEIGHTS), creatinine=draw(creatinine))


def rules(hints: tuple[Hint, ...]) -> set[tuple[str, ...]]:
    """Hints without the amounts that are in their words."""
    return {(hint.source, hint.kind, hint.severity, hint.reference, *hint.lines) for hint in hints}


@settings(max_examples=80, deadline=None)
@given(lines(st.builds(quantity, st.decimals(0, 5000, places=2), UNITS)), st.lists(lines(), max_size=3),
       patients(), st.integers(1, 50))  # fmt: skip
def test_a_higher_dose_never_loses_a_hint(
    wanted: Line, others: list[Line], facts: Facts, factor: int
) -> None:
    assert wanted.dose is not None
    more = replace(wanted, dose=wanted.dose.times(factor))
    before = rules(check(KNOWLEDGE, wanted, others, facts, TODAY).hints)
    assert before <= rules(check(KNOWLEDGE, more, others, facts, TODAY).hints)


@settings(max_examples=50, deadline=None)
@given(lines(), st.lists(lines(), max_size=5, unique_by=lambda each: each.id).flatmap(
    lambda some: st.tuples(st.just(some), st.permutations(some))), patients())  # fmt: skip
def test_the_order_of_the_others_does_not_matter(
    wanted: Line, orders: tuple[list[Line], list[Line]], facts: Facts
) -> None:
    one, other = (check(KNOWLEDGE, wanted, order, facts, TODAY) for order in orders)
    assert one == other


def part(codes: set[str]) -> Base:
    """A base that knows less, under another name."""
    return replace(
        STARTER,
        source=replace(STARTER.source, name="another"),
        substances={code: one for code, one in STARTER.substances.items() if code in codes},
        limits={code: some for code, some in STARTER.limits.items() if code in codes},
    )


@settings(max_examples=40, deadline=None)
@given(lines(), st.lists(lines(), max_size=3), patients(), st.sets(st.sampled_from(CODES), max_size=60))
def test_another_base_never_removes_a_hint(
    wanted: Line, others: list[Line], facts: Facts, codes: set[str]
) -> None:
    alone = {hint.id for hint in check(KNOWLEDGE, wanted, others, facts, TODAY).hints}
    for bases in ((STARTER, part(codes)), (part(codes), STARTER)):
        assert alone <= {hint.id for hint in check(Knowledge(bases), wanted, others, facts, TODAY).hints}


PER_KG = sorted(
    {limit.substance for limits in STARTER.limits.values() for limit in limits if "/kg" in limit.most.unit}
)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(PER_KG),
    st.sampled_from(["oral", "intravenous", "subcutaneous", "intramuscular"]),
    patients(),
)
def test_without_a_weight_a_limit_per_kg_is_a_gap(code: str, route: str, facts: Facts) -> None:
    wanted = line(code, dose="1000 g", route=route)
    with_weight = check(KNOWLEDGE, wanted, [], replace(facts, weight=Measured(70, "kg", NOW_MS)), TODAY)
    per_kg = [hint for hint in with_weight.hints if "/kg" in hint.what.en]
    without = gaps(check(KNOWLEDGE, wanted, [], replace(facts, weight=None), TODAY))
    assert "no-weight" in without or not per_kg


@settings(max_examples=60, deadline=None)
@given(lines(), st.lists(lines(), max_size=4), patients())
def test_each_answer_has_its_sources_and_each_hint_an_id_of_its_own(
    wanted: Line, others: list[Line], facts: Facts
) -> None:
    checked = check(KNOWLEDGE, wanted, others, facts, TODAY)
    assert [source.name for source in checked.sources] == ["Wardlink starter set"]
    assert len({hint.id for hint in checked.hints}) == len(checked.hints)
