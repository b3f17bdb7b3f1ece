"""A whole update of real MicroPython: by the gateway's codec over a PTY, the loader, the VFS in Python.

The node's value is the number of its reading: what is missing and what comes twice can be seen.
"""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from devices.codecs import Host, Said
from devices.codecs.node.update import Stage, Update
from devices.codecs.node.vitals import NodeVitals
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.wire import node_image
from firmware.build import node_files, sources, tool, update_image
from tests.support.node_process import Cable, NodeProcess

pytestmark = pytest.mark.xdist_group("update-on-unix")
_DEADLINE_S = 60.0
LOADER = {
    *("__init__", "version", "hal/__init__", "hal/loader", "hal/readonly", "core/__init__"),
    *("core/slots", "core/contents", "unix/__init__", "unix/start", "unix/flash"),
}
"""What the loader needs of the files that were flashed."""
PAGE, SLOT_PAGES = 4096, 24


class LoadedNode(NodeProcess):
    """`firmware/unix/start.py` at a port: the node, begun by the loader."""

    def __init__(self, folder: Path, port: Path) -> None:
        super().__init__(folder, port, period_ms=50)
        self._command[1] = "firmware/unix/start.py"

    @property
    def slots(self) -> Path:
        """The file of the slots."""
        return self.folder / "flash.slots"


class Bench:
    """A node on a cable, and the gateway's codec at the other end, whose journal has at once what it says."""

    def __init__(self, folder: Path) -> None:
        self.cable = Cable(folder)
        self.node = LoadedNode(folder / "node", self.cable.node)
        self.said: list[Said] = []
        self.host = Host()
        self.codec = NodeVitals(self.host)

    def listen(self, is_enough: Callable[[], bool]) -> None:
        """Take what the node says until it is enough."""
        end = time.monotonic() + _DEADLINE_S
        port = os.open(self.cable.gateway, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            while not is_enough():
                assert time.monotonic() < end, f"too little came: {self.said[-5:]}, {self.node.log[-500:]}"
                self._turn(port)
        finally:
            os.close(port)

    def _turn(self, port: int) -> None:
        try:
            data = os.read(port, 4096)
        except BlockingIOError:
            data = b""
            time.sleep(0.002)
        now = Instant(time.monotonic_ns())
        self.said += self.codec.receive_data(data, now)
        due = self.codec.next_timer()
        if due is not None and due <= now:
            self.said += self.codec.handle_timer(now)
        if self.codec.awaits_journal():
            self.codec.journalled(now)
        if sent := self.codec.data_to_send():
            os.write(port, sent)

    def for_seconds(self, seconds: float) -> None:
        """Listen so long."""
        until = time.monotonic() + seconds
        self.listen(lambda: time.monotonic() > until)

    def update(self, version: int, image: bytes) -> Update:
        """Have the host offer it."""
        errand = Update("unix", version, image)
        self.host.errands[:] = [errand]
        return errand

    def see_through(self, errand: Update) -> str:
        """Begin it when it is taken; what became of it."""

        def is_over() -> bool:
            errand.switch()
            return errand.stage == Stage.ENDED

        self.listen(is_over)
        assert errand.verdict is not None
        return errand.verdict.code

    def more(self, count: int) -> None:
        """Listen for so many readings more."""
        goal = len(self.numbers()) + count
        self.listen(lambda: len(self.numbers()) >= goal)

    def numbers(self) -> list[int]:
        """The number of each reading that came."""
        records = [one for one in self.said if isinstance(one, Reading)]
        return [int((one.value or 0) * 10) for one in records if one.metric == "o2_cylinder_pressure"]

    def events(self, kind: EventKind) -> list[DeviceEvent]:
        return [one for one in self.said if isinstance(one, DeviceEvent) and one.kind == kind]

    def versions(self) -> list[str]:
        """What the node said that it runs, without repetitions in a row."""
        return [str(one.detail["firmware"]) for one in self.events(EventKind.IDENTITY)]

    def lost(self) -> int:
        """How many numbers were told as lost."""
        events = self.events(EventKind.UNMAPPED)
        return sum(int(one.detail["value"]) for one in events if one.detail["code"] == "readings-lost")

    def assert_each_reading_came_once(self) -> None:
        numbers = self.numbers()
        assert [number for number, times in Counter(numbers).items() if times > 1] == []
        assert numbers == sorted(numbers)
        assert numbers[-1] - numbers[0] + 1 == len(numbers) + self.lost()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    with made.cable, made.node:
        yield made


@pytest.fixture(scope="module")
def images() -> dict[int, bytes]:
    """Images by version."""
    return {version: update_image("unix", version) for version in (2, 3)}


def compiled(folder: Path, main: str) -> bytes:
    source = folder / "main.py"
    source.write_text(main, encoding="utf-8")
    subprocess.run([tool("mpy-cross", ""), str(source)], check=True)
    return source.with_suffix(".mpy").read_bytes()


def bad(image: bytes, main: bytes) -> bytes:
    """An image whose node is another program."""
    good = node_image.read(image)
    return node_image.pack(good.board, good.version, {**good.files, "firmware/unix/main.mpy": main})


def test_a_node_is_updated_twice_and_its_readings_go_on(bench: Bench, images: dict[int, bytes]) -> None:
    bench.more(5)
    for version in (2, 3):
        assert bench.see_through(bench.update(version, images[version])) == "running"
        bench.more(5)
    assert bench.versions() == ["1", "2", "3"]
    bench.assert_each_reading_came_once()
    assert bench.lost() == 0
    assert bench.node.log == ""


def test_an_update_runs_without_the_files_that_the_node_was_flashed_with(
    bench: Bench, images: dict[int, bytes]
) -> None:
    bench.see_through(bench.update(2, images[2]))
    bench.node.kill()
    for path in (bench.node.folder / "firmware").rglob("*.py"):
        name = str(path.relative_to(bench.node.folder / "firmware").with_suffix(""))
        if name not in LOADER:
            path.unlink()
    bench.node.start()
    bench.more(5)
    assert bench.node.log == ""
    bench.assert_each_reading_came_once()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_node_that_is_killed_again_and_again_runs_a_whole_version_and_is_updated_in_the_end(
    bench: Bench, images: dict[int, bytes], seed: int
) -> None:
    rng, errand, kills, code = Random(seed), bench.update(2, images[2]), 0, ""
    bench.cable.one_in = 5000
    bench.more(2)
    while code != "running":
        if code:
            assert code == "fell-back"
            errand = bench.update(2, images[2])
        until = time.monotonic() + rng.uniform(0.02, 0.1)

        def is_time(errand: Update = errand, until: float = until) -> bool:
            errand.switch()
            return time.monotonic() > until or errand.stage == Stage.ENDED

        bench.listen(is_time)
        code = errand.verdict.code if errand.verdict else ""
        if kills < 20:
            bench.node.kill()
            bench.node.start()
            kills += 1
    bench.cable.one_in = 0
    bench.more(10)
    assert kills > 2
    assert set(bench.versions()) == {"1", "2"}
    assert bench.versions()[-1] == "2"
    bench.assert_each_reading_came_once()
    assert bench.lost() <= kills  # a write that was cut, at each kill


@pytest.mark.parametrize(
    ("main", "why"),
    [
        ("import nothing_of_that_name", "ImportError: no module named 'nothing_of_that_name'"),
        ("def run(*_):\n pass", "it ended"),
        ("", "ImportError: can't import name run"),
        (None, "ValueError: incompatible .mpy file"),
    ],
    ids=["import", "ends", "empty", "other-bytecode"],
)
def test_a_version_that_does_not_run_falls_back_and_the_host_is_told_why(
    bench: Bench, images: dict[int, bytes], tmp_path: Path, main: str | None, why: str
) -> None:
    bench.more(2)
    program = b"M\x05\x00\x1f" if main is None else compiled(tmp_path, main)
    errand = bench.update(2, bad(images[2], program))
    assert bench.see_through(errand) == "fell-back"
    assert errand.verdict and errand.verdict.text == why
    bench.more(3)
    assert bench.versions() == ["1"]
    bench.assert_each_reading_came_once()


def test_a_version_that_hangs_is_ended_by_the_watchdog_and_falls_back(
    bench: Bench, images: dict[int, bytes], tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    hangs = f"def run(*_):\n open({str(begun)!r}, 'w').close()\n while True:\n  pass\n"
    errand = bench.update(2, bad(images[2], compiled(tmp_path, hangs)))

    def is_begun() -> bool:
        errand.switch()
        return begun.exists()

    bench.listen(is_begun)
    bench.node.kill()
    bench.node.start()
    assert bench.see_through(errand) == "fell-back"
    assert errand.verdict and errand.verdict.text == "it was reset before it was healthy"
    bench.more(3)
    assert bench.versions() == ["1"]


def test_a_slot_that_is_damaged_later_gives_way_to_the_version_before_and_then_to_the_files(
    bench: Bench, images: dict[int, bytes]
) -> None:
    for version in (2, 3):
        bench.see_through(bench.update(version, images[version]))
    for slot, version in ((1, "2"), (0, "1")):
        bench.node.kill()
        with bench.node.slots.open("r+b") as file:
            file.seek((2 + slot * SLOT_PAGES) * PAGE + 5000)
            file.write(bytes(9))
        bench.node.start()
        bench.listen(lambda version=version: bench.versions()[-1] == version)
        bench.more(3)
    assert bench.versions() == ["1", "2", "3", "2", "1"]
    bench.assert_each_reading_came_once()


@pytest.mark.parametrize("fill", [b"\x00", b"\xa5", None])
def test_a_node_begins_whatever_its_slots_and_their_log_have_in_them(
    bench: Bench, images: dict[int, bytes], fill: bytes | None
) -> None:
    bench.node.kill()
    size = (2 + 2 * SLOT_PAGES) * PAGE
    bench.node.slots.write_bytes(Random(1).randbytes(size) if fill is None else fill * size)
    bench.node.start()
    bench.more(2)
    assert bench.see_through(bench.update(2, images[2])) == "running"
    assert bench.versions() == ["1", "2"]


def test_an_image_has_what_its_node_runs_and_not_the_loader() -> None:
    names = {name.removesuffix(".mpy") + ".py" for name in node_files("unix", 2)}
    assert {"firmware/version.py", "firmware/unix/main.py", "firmware/core/update.py"} <= names
    assert names <= set(sources())
    assert not names & {f"firmware/hal/{name}.py" for name in ("loader", "readonly", "start")}
