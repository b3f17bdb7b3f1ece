"""What was turned is a line each, and what is read from a log is what was turned."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.dials.bench import Bench
from hil.dials.panel import Panel
from hil.dials.turns import TimedTurn, Turn, TurnLog, read_log
from hil.dials.ward import bench_ward
from hil.errors import BadDial
from hil.sims.dials import BedDials, DialFile, Dials, Faults
from hil.ward import Folder

names = st.text(min_size=1, max_size=9)
settings = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(-1e9, 1e9), names)
turns = st.builds(Turn, bed=names, device=st.none() | names, dial=names, value=settings)
WARD = bench_ward(3)


@given(st.lists(st.tuples(turns, st.floats(0, 1e6)), max_size=9))
def test_a_log_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[Turn, float]]
) -> None:
    log = TurnLog(tmp_path_factory.mktemp("log") / "1.jsonl")
    lines = [log.add(turn, t, datetime(2026, 1, 1, tzinfo=UTC)) for turn, t in told]
    read = read_log(log.path)
    assert read == sorted(lines, key=lambda one: one.t)
    assert [(type(one.value), one.value) for one in read] == [
        (type(one.value), one.value) for one in sorted(lines, key=lambda one: one.t)
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("what is this", "line 2: Invalid JSON"),
        ('{"t": 1, "bed": "bed-1", "dial": "spo2"}', "line 2: value: Field required"),
        ('{"t": -1, "bed": "bed-1", "dial": "spo2", "value": 80}', "line 2: t: Input should be greater"),
        ('{"t": 1, "bed": "b", "dial": "spo2", "value": 80, "who": 1}', "line 2: who: Extra inputs"),
        ('{"t": 1, "bed": "b", "dial": "spo2", "value": [80]}', "line 2: value: Input should be"),
    ],
)
def test_a_line_that_is_no_turn_is_named(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"t": 0, "bed": "bed-1", "dial": "spo2", "value": 80}\n' + line + "\n")
    with pytest.raises(BadDial) as refused:
        read_log(path)
    assert why in str(refused.value)


def test_a_log_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDial, match="expected a log of a bench"):
        read_log(tmp_path / "none.jsonl")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(Folder(tmp_path), WARD, Panel(WARD, {}), lambda *_: None)


def test_a_turn_reaches_simulators_and_log_and_a_refused_one_neither(bench: Bench, tmp_path: Path) -> None:
    bench.turn(Turn(bed="bed-1", dial="spo2", value=82))
    bench.turn(Turn(bed="bed-1", device="ox-1", dial="cut", value=True))
    with pytest.raises(BadDial):
        bench.turn(Turn(bed="bed-1", dial="spo2", value=820))
    dials = DialFile(Folder(tmp_path).dials("bed-1")).now()
    assert dials == BedDials(patient=Dials(spo2=82), devices={"ox-1": Faults(cut=True)})
    assert [(one.dial, one.value) for one in read_log(bench.log.path)] == [("spo2", 82), ("cut", True)]


def test_a_new_bench_lets_all_go_and_begins_a_new_log(bench: Bench, tmp_path: Path) -> None:
    bench.turn(Turn(bed="bed-1", dial="spo2", value=82))
    again = Bench(Folder(tmp_path), WARD, Panel(WARD, {}), lambda *_: None)
    assert DialFile(Folder(tmp_path).dials("bed-1")).now() == BedDials()
    assert again.log.path != bench.log.path
    assert len(read_log(bench.log.path)) == 1


async def test_a_replay_turns_the_same_dials_at_the_same_times(bench: Bench, tmp_path: Path) -> None:
    told = [
        TimedTurn(bed="bed-1", dial="spo2", value=82, t=0.05),
        TimedTurn(bed="bed-2", device="monitor-2", dial="frozen", value=True, t=0.2),
        TimedTurn(bed="bed-1", dial="spo2", value=None, t=0.4),
    ]
    bench.check(told)
    bench.ready()
    await bench.replay(told)
    replayed = read_log(bench.log.path)
    assert [one.turn for one in replayed] == [one.turn for one in told]
    assert all(one.t >= was.t for one, was in zip(replayed, told, strict=True))


def test_a_log_that_does_not_fit_this_ward_is_refused_before_anything_is_turned(bench: Bench) -> None:
    told = [
        TimedTurn(bed="bed-1", dial="spo2", value=82, t=0.0),
        TimedTurn(bed="bed-1", device="ox-9", dial="cut", value=True, t=2.5),
    ]
    with pytest.raises(BadDial, match=r"turn 2 of the log, at 2\.5 s: bed-1 has no device 'ox-9'"):
        bench.check(told)
    assert bench.log.turns == []
