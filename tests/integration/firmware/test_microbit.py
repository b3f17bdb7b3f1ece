"""The micro:bit's image in QEMU: MicroPython 1.9.2 on a Cortex-M0, 9 kB of heap, its flash controller."""

import ast
import json
import random
import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.codecs.node import wire
from devices.codecs.node.inputs import FrameReader
from devices.codecs.node.vitals import NodeVitals
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from firmware.build import ROOT, program, smallest
from firmware.image import image
from firmware.small import LOCALS, NAMES
from tests.support.microbit import Microbit

COUNTS = """
METRIC = 120
class _Counter:
    n = 0
def sense():
    _Counter.n += 1
    return _Counter.n
"""
"""In place of the thermometer, which QEMU does not have."""
FREE = """
import gc
METRIC = 120
def sense():
    gc.collect()
    return gc.mem_free()
"""


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def board(folder: Path, sense: str) -> Microbit:
    """A board that runs the image, with twenty readings a second."""
    main = text("firmware/microbit/main.py").replace("PERIOD_MS = 1000", "PERIOD_MS = 50")
    return Microbit(folder, image(program(), smallest({"sense": sense, "main": main})))


class Host:
    """The gateway's codec at the board's port; `said` is in the journal."""

    def __init__(self, microbit: Microbit) -> None:
        self._microbit = microbit
        self._codec = NodeVitals()
        self.said: list[Said] = []

    def listen(self, is_enough: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not is_enough():
            assert time.monotonic() < end, f"too little came: {self.said[-5:]}"
            self._take(self._microbit.read())
            due, now = self._codec.next_timer(), Instant(time.monotonic_ns())
            if due is not None and due <= now:
                self.said += self._codec.handle_timer(now)
            self._microbit.write(self._codec.data_to_send())

    def _take(self, data: bytes) -> None:
        now = Instant(time.monotonic_ns())
        self.said += self._codec.receive_data(data, now)
        if self._codec.awaits_journal():
            self._codec.journalled(now)

    def values(self) -> list[int]:
        return [int((one.value or 0) * 10) for one in self.said if isinstance(one, Reading)]

    def more(self, count: int) -> None:
        goal = len(self.values()) + count
        self.listen(lambda: len(self.values()) >= goal)

    def lost(self) -> int:
        events = [one for one in self.said if isinstance(one, DeviceEvent)]
        return sum(int(one.detail["value"]) for one in events if one.detail.get("code") == "readings-lost")

    def identities(self) -> list[str]:
        events = [one for one in self.said if isinstance(one, DeviceEvent)]
        return [str(one.detail["model"]) for one in events if one.kind == EventKind.IDENTITY]


def blocks() -> Iterator[str]:
    """The programs that firmware/vectors.py is made of: each begins with an object that it makes."""
    tree = ast.parse(text("firmware/vectors.py"))
    starts = [
        place
        for place, one in enumerate(tree.body)
        if isinstance(one, ast.Assign) and ast.unparse(one.value).startswith(("Frames(", "Node("))
    ]
    for start, end in pairwise([*starts, len(tree.body)]):
        yield ast.unparse(ast.Module(tree.body[: starts[0]] + tree.body[start:end], []))


def run(folder: Path, source: str) -> str:
    """What a program prints that is loaded as the image's is, then typed in: it is too long for one."""
    files = smallest({"nvmc": "", "sense": "", "main": source})
    loader = ast.parse(files.pop("main.py"))
    after = next(n for n, one in enumerate(loader.body) if isinstance(one, ast.For)) + 2
    lines = [f"exec(open('{part}').read())" for part in files]
    lines += [ast.unparse(one) for one in loader.body[after:]]
    with Microbit(folder, image(program(), files)) as microbit:
        microbit.boot()
        microbit.execute("import gc")
        said = ""
        for line in lines:
            # Where there is not even room to compile this, there is after it.
            microbit.execute("gc.collect()")
            said += microbit.execute(line)
        return said


def ran(folder: Path, source: str) -> str:
    """As `run`, on another board where there was no room: how the heap of a prompt lies is chance; whether
    the node fits is another test's matter."""
    for _ in range(3):
        said = run(folder, source)
        if "MemoryError" not in said:
            break
    assert "Traceback" not in said, said
    return said


def test_a_micro_bit_says_the_golden_vectors(tmp_path: Path) -> None:
    lines = "".join(ran(tmp_path, block) for block in blocks()).replace("\r", "").split("\n")
    assert dict(line.split(" ") for line in lines if line) == json.loads(text("firmware/vectors.json"))


def test_the_node_runs_in_the_heap_of_a_micro_bit_and_leaves_some(tmp_path: Path) -> None:
    with board(tmp_path, FREE) as microbit:
        host = Host(microbit)
        host.more(20)
    assert host.identities() == ["microbit"]
    assert min(host.values()) > 1000


def test_a_micro_bit_that_is_reset_at_any_moment_loses_no_reading_silently_and_doubles_none(
    tmp_path: Path,
) -> None:
    rng = random.Random(3)
    with board(tmp_path, COUNTS) as microbit:
        host = Host(microbit)
        host.more(5)
        for _ in range(6):
            until = time.monotonic() + rng.uniform(0.2, 0.9)
            host.listen(lambda until=until: time.monotonic() > until)
            microbit.reset()
            host.more(3)
    values = host.values()
    began = [place for place, value in enumerate(values) if value == 1]
    steps = [later - earlier for earlier, later in pairwise(values) if later != 1]
    assert len(began) >= 6
    assert all(step >= 1 for step in steps)
    assert sum(step - 1 for step in steps) <= host.lost() <= 6


def stop(microbit: Microbit) -> None:
    """Ctrl-C, while it compiles its main.py, whose first line would forbid it."""
    came = b""
    while not came.endswith(b">>> "):
        microbit.reset()
        for _ in range(40):
            microbit.write(b"\x03")
        came = b"".join(microbit.read() for _ in range(4))


def test_a_micro_bit_that_a_byte_stopped_at_its_prompt_while_it_began_is_begun_anew_by_the_question(
    tmp_path: Path,
) -> None:
    with board(tmp_path, COUNTS) as microbit:
        for typed in (b"if (1,[\r", b"\x01x="):
            stop(microbit)
            microbit.write(typed)
            silent_until = time.monotonic() + 0.5
            while time.monotonic() < silent_until:
                assert b"\0" not in microbit.read()
            host = Host(microbit)
            host.more(3)
            assert host.identities() == ["microbit"]


def test_what_a_micro_bit_could_not_keep_is_told(tmp_path: Path) -> None:
    with board(tmp_path, COUNTS) as microbit:
        host = Host(microbit)
        host.more(2)
        reader, kinds = FrameReader(BadByteCounter()), set[object]()
        while wire.GAP not in kinds:  # it sends on, and nobody answers, until it has forgotten some
            kinds |= {item.get(wire.KIND) for item in reader.feed(microbit.read())}
        host.more(40)
    values = host.values()
    assert host.lost() > 0
    assert values == sorted(set(values))
    assert values[-1] - values[0] + 1 == len(values) + host.lost()


def test_the_names_that_cost_no_heap_are_in_the_rom() -> None:
    rom = b"".join(bytes.fromhex(line[9:-2]) for line in program().split() if line[7:9] == "00")
    missing = [name for name in (*LOCALS, *NAMES) if bytes((len(name),)) + name.encode() + b"\0" not in rom]
    assert missing == []


def test_the_image_has_the_program_unchanged_and_ends_before_the_ring() -> None:
    made = image(program(), smallest())
    assert made.splitlines()[: len(program().strip().splitlines()) - 1] == program().strip().splitlines()[:-1]
    assert made.rstrip().endswith(":00000001FF")
    assert re.fullmatch(r"(:[0-9A-Fa-f]+\n)+", made)
