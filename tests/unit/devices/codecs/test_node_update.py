"""The host's side of an update, before the node's own core: over a line that damages, drops and is cut."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Host, journals
from devices.codecs.node import by_ble, wire
from devices.codecs.node.update import MOST_WINDOW, Stage, Update, Verdict
from devices.codecs.node.vitals import NodeVitals
from devices.model.observation import DeviceEvent, Instant, Reading
from devices.wire import node_image
from tests.support.node_board import BOARD, IMAGE, Board

STEP_MS = 20


class Bench:
    """A board, a gateway's codec, and the line between them; `bad`: of so many bytes one is damaged."""

    def __init__(self, board: Board, update: Update, bad: int = 0, seed: int = 0) -> None:
        self.board, self.update, self.bad = board, update, bad
        self.random, self.ms = Random(seed), 0
        self.said: list[object] = []
        self.most_waiting = 0
        self.host = Host()
        self.connect()

    def connect(self) -> None:
        """A new connection: what was on its way is gone."""
        self.codec = NodeVitals(Host(memory=self.host.memory, errands=[self.update]))
        self.down = b""

    def step(self) -> None:
        self.ms += STEP_MS
        now = Instant(self.ms * 1_000_000)
        up = self.board.turn(self._carried(self.down), self.ms)
        self.said += self.codec.receive_data(self._carried(up), now)
        due = self.codec.next_timer()
        if due is not None and due <= now:
            self.said += self.codec.handle_timer(now)
        if self.codec.awaits_journal():
            self.codec.journalled(now)
        self.down = self.codec.data_to_send()

    def _carried(self, data: bytes) -> bytes:
        if not self.bad:
            return data
        kept = bytearray()
        for byte in data:
            match self.random.randrange(self.bad):
                case 0:
                    kept.append(byte ^ 1 << self.random.randrange(8))
                case 1:
                    pass
                case _:
                    kept.append(byte)
        return bytes(kept)

    def run(self, seconds: float, until: Stage = Stage.ENDED) -> None:
        end = self.ms + seconds * 1000
        while self.ms < end and self.update.stage != until:
            if self.update.stage == Stage.TAKEN:
                self.update.switch()
            self.step()

    @property
    def numbers(self) -> list[int]:
        return [int((one.value or 0) * 10) for one in self.said if isinstance(one, Reading)]


def made(bad: int = 0, seed: int = 0, *, version: int = 2, board: str = BOARD, **how: bool) -> Bench:
    image = IMAGE if version == 2 else node_image.pack(BOARD, version, {"a.mpy": bytes(9)})
    return Bench(Board(**how), Update(board, version, image), bad, seed)


def code(bench: Bench) -> str:
    verdict = bench.update.verdict
    return "" if verdict is None else verdict.code


def test_a_node_takes_an_image_and_runs_it_and_is_healthy() -> None:
    bench = made()
    bench.run(60)
    assert (code(bench), bench.board.version, bench.board.boots) == ("running", 2, 2)
    assert bench.update.percent == 100


def test_it_is_not_begun_before_it_may_be() -> None:
    bench = made()
    bench.run(60, until=Stage.TAKEN)
    for _ in range(500):
        bench.step()
    assert (bench.update.stage, bench.board.version) == (Stage.TAKEN, 1)
    bench.run(60)
    assert bench.board.version == 2


def test_readings_go_on_and_are_acknowledged_while_an_image_goes_to_the_node() -> None:
    bench = made()
    bench.run(60)
    numbers = bench.numbers
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) >= bench.ms // 200 - 3
    assert bench.codec.awaits_journal() is False


def test_an_acknowledgement_goes_before_the_chunks_and_few_chunks_are_on_their_way() -> None:
    bench = made()
    seen = 0
    while bench.update.stage != Stage.TAKEN:
        bench.step()
        frames = [wire.body(wire.unstuffed(one)) for one in bench.down.split(b"\0")[:-1]]
        kinds = [one[2] for one in frames if one]
        assert kinds.count(wire.CHUNK) <= MOST_WINDOW
        if wire.ACKNOWLEDGE in kinds and wire.CHUNK in kinds:
            seen += 1
            assert kinds.index(wire.ACKNOWLEDGE) < kinds.index(wire.CHUNK)
    assert seen > 0


def test_by_bluetooth_it_goes_a_little_at_a_time_and_readings_go_on() -> None:
    """Twenty bytes in 20 ms: more chunks at once than the node can answer in time become fewer."""
    bench = made()
    voices = by_ble.linked(Host(errands=[bench.update]))
    hears, answers = voices[by_ble.TO_HOST], voices[by_ble.TO_NODE]
    down = b""
    while bench.update.stage != Stage.ENDED and bench.ms < 300_000:
        bench.ms += STEP_MS
        now = Instant(bench.ms * 1_000_000)
        if bench.update.stage == Stage.TAKEN:
            bench.update.switch()
        bench.said += hears.receive_data(bench.board.turn(down, bench.ms), now)
        if (due := hears.next_timer()) is not None and due <= now:
            bench.said += hears.handle_timer(now)
        if journals(hears) and hears.awaits_journal():
            hears.journalled(now)
        down = answers.data_to_send()
        assert len(down) <= by_ble.MOST
    assert (code(bench), bench.board.version) == ("running", 2)
    assert bench.ms < 30_000
    assert bench.numbers == list(range(bench.numbers[0], bench.numbers[0] + len(bench.numbers)))


@settings(max_examples=30, deadline=None)
@given(
    bad=st.sampled_from([0, 300, 1000, 4000]),
    seed=st.integers(0, 2**32),
    events=st.lists(st.tuples(st.integers(1, 800), st.sampled_from(["reset", "cut", "gateway"])), max_size=4),
)
def test_whatever_happens_on_the_way_it_ends_and_no_reading_is_lost(
    bad: int, seed: int, events: list[tuple[int, str]]
) -> None:
    """Reset of the node, a cable pulled for a while, a gateway begun anew: it goes on where it was."""
    bench = made(bad, seed)
    for steps, what in events:
        for _ in range(steps):
            bench.step()
            if bench.update.stage == Stage.TAKEN:
                bench.update.switch()
        if what == "reset":
            bench.board.begin(bench.ms)
        elif what == "cut":
            bench.ms += 5000
            bench.connect()
        else:
            bench.update = Update(BOARD, 2, IMAGE)
            bench.connect()
    bench.bad = 0 if bad == 300 else bad
    bench.run(400)
    # A reset in the middle of a trial is a reason to go back.
    assert code(bench) in ("running", "fell-back")
    assert code(bench) == "running" or "reset" in {what for _, what in events}
    assert bench.board.version == (2 if code(bench) == "running" else 1)
    assert bench.numbers == sorted(set(bench.numbers))


def test_after_a_reset_in_the_middle_it_goes_on_where_it_was() -> None:
    bench = made()
    while bench.update.percent < 60:
        bench.step()
    bench.board.begin(bench.ms)
    least = 100
    while bench.update.stage != Stage.TAKEN:
        bench.step()
        least = min(least, bench.update.percent)
    assert least > 30


def test_another_gateway_that_is_asked_again_goes_on_where_it_was() -> None:
    bench = made()
    while bench.update.percent < 60:
        bench.step()
    bench.update = Update(BOARD, 2, IMAGE)
    bench.connect()
    while bench.update.stage != Stage.SENDING:
        bench.step()
    assert bench.update.percent > 30


def test_a_version_that_is_not_healthy_falls_back_and_the_reason_is_told() -> None:
    bench = made(fails=True)
    bench.run(60)
    assert (code(bench), bench.board.version) == ("fell-back", 1)
    assert bench.update.verdict is not None
    assert "self-test" in bench.update.verdict.text


def test_one_that_fell_back_is_tried_again_when_somebody_asks_again() -> None:
    bench = made(fails=True)
    bench.run(60)
    boots, bench.update = bench.board.boots, Update(BOARD, 2, IMAGE)
    bench.board.fails = False
    bench.connect()
    bench.run(60)
    assert (code(bench), bench.board.version, bench.board.boots) == ("running", 2, boots + 1)


def test_what_runs_already_is_told_as_running_and_not_sent_again() -> None:
    bench = made()
    bench.run(60)
    boots, bench.update = bench.board.boots, Update(BOARD, 2, IMAGE)
    bench.connect()
    bench.run(60)
    assert (code(bench), bench.board.boots, bench.update.offset) == ("running", boots, 0)


@pytest.mark.parametrize(
    ("version", "board", "expected"),
    [(2, "esp32", "refused-board"), (0, BOARD, "refused-version"), (1, BOARD, "refused-version")],
)
def test_another_board_and_a_version_that_is_not_newer_are_refused_before_a_byte_is_sent(
    version: int, board: str, expected: str
) -> None:
    bench = Bench(Board(), Update(board, version, IMAGE))
    bench.run(60)
    assert (code(bench), bench.update.offset, bench.board.version) == (expected, 0, 1)


def test_an_image_that_does_not_fit_is_refused() -> None:
    image = node_image.pack(BOARD, 2, {"firmware/main.mpy": bytes(9000)})
    bench = Bench(Board(), Update(BOARD, 2, image))
    bench.run(60)
    assert (code(bench), bench.board.version) == ("refused-size", 1)


def test_an_image_that_is_of_another_board_inside_is_not_taken() -> None:
    image = node_image.pack("esp32", 2, {"firmware/main.mpy": bytes(900)})
    bench = Bench(Board(), Update(BOARD, 2, image))
    bench.run(60)
    assert (code(bench), bench.board.version) == ("refused-board", 1)


def test_a_node_that_is_not_there_is_asked_again_and_again() -> None:
    bench = made()
    bench.board = Deaf()  # type: ignore[assignment]
    bench.run(30)
    assert bench.update.stage == Stage.ASKING
    assert bench.board.asked > 20  # type: ignore[attr-defined]


class Deaf:
    """Hears, and says nothing."""

    asked = 0

    def turn(self, data: bytes, _now_ms: int) -> bytes:
        self.asked += data.count(b"\0")
        return b""


def test_its_verdict_is_in_the_record() -> None:
    bench = made()
    bench.run(60)
    texts = [one.detail.get("text") for one in bench.said if isinstance(one, DeviceEvent)]
    assert "version 2 taken" in texts
    assert "version 2 running" in texts


@given(st.dictionaries(st.integers(0, 40), st.one_of(st.none(), st.integers(), st.text(), st.binary())))
def test_whatever_a_node_says_nothing_breaks(item: dict[int, object]) -> None:
    update = Update(BOARD, 2, IMAGE)
    for stage in Stage:
        update.stage = stage
        for kind in (wire.HELLO, wire.WANT, wire.VERDICT):
            update.hear({**item, wire.KIND: kind}, Instant(5))
            update.act(Instant(5))
    assert Verdict.of(item).version >= 0
    assert 0 <= update.percent <= 100
