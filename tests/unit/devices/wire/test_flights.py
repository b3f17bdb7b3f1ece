"""What is under way, against the plainest way to keep it: a dict that is searched each time."""

from hypothesis import given
from hypothesis import strategies as st

from devices.model.observation import Instant
from devices.wire.flights import BlockRef, Flight, Flights

REFS = st.builds(BlockRef, st.sampled_from((b"a" * 8, b"b" * 8)), st.integers(0, 20))
FLIGHTS = st.builds(
    Flight,
    *2 * [st.just(Instant(0))],
    st.integers(1, 50).map(Instant),
    st.just(1),
    st.integers(1, 9),
    st.booleans(),
    st.booleans(),
)
STEPS = st.lists(st.one_of(st.tuples(REFS, FLIGHTS), REFS))


def flown(steps: list[BlockRef | tuple[BlockRef, Flight]]) -> tuple[Flights, dict[BlockRef, Flight]]:
    """After taking off (with a flight) and landing (without)."""
    flights, plain = Flights(), dict[BlockRef, Flight]()
    for step in steps:
        if isinstance(step, tuple):
            flights.take_off(*step)
            plain[step[0]] = step[1]
        elif step in plain:
            assert flights.pop(step) == plain.pop(step)
    return flights, plain


@given(STEPS)
def test_its_sizes_are_those_of_what_is_under_way(steps: list[BlockRef | tuple[BlockRef, Flight]]) -> None:
    flights, plain = flown(steps)
    assert flights.size == sum(flight.size for flight in plain.values())
    on_path = [flight for flight in plain.values() if flight.on_path]
    assert flights.on_path == sum(flight.size for flight in on_path)
    assert flights.live_on_path == sum(flight.size for flight in on_path if flight.live)
    assert set(flights) == plain.keys()


@given(STEPS, st.integers(0, 60))
def test_whatever_is_due_is_overdue_and_no_timer_comes_too_late(
    steps: list[BlockRef | tuple[BlockRef, Flight]], now: int
) -> None:
    flights, plain = flown(steps)
    due = flights.next_due()
    assert (due is None) == (not plain)
    assert due is None or due <= min(flight.due for flight in plain.values())
    assert set(flights.overdue(Instant(now))) == {ref for ref, flight in plain.items() if flight.due <= now}


@given(STEPS, st.lists(st.tuples(st.integers(0, 20), st.integers(0, 500)).map(lambda p: (p[0], sum(p)))))
def test_a_receipt_lands_all_that_it_names(
    steps: list[BlockRef | tuple[BlockRef, Flight]], ranges: list[tuple[int, int]]
) -> None:
    flights, plain = flown(steps)
    named = {r for r in plain if r.journal == b"a" * 8 and any(a <= r.number <= b for a, b in ranges)}
    assert set(flights.landed(b"a" * 8, ranges)) == named


def test_nothing_is_under_way_any_more_when_it_is_cleared() -> None:
    flights, _ = flown([(BlockRef(b"a" * 8, 1), Flight(Instant(0), Instant(0), Instant(5), 1, 3, live=True))])
    flights.clear()
    assert (len(flights), flights.size, flights.on_path, flights.next_due()) == (0, 0, 0, None)
    assert flights.live_on_path == 0
