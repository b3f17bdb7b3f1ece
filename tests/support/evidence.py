"""A run with everything in it, and a bench's key, for tests of evidence."""

import math
from pathlib import Path
from random import Random

from hil.evidence.bench_key import BenchKey
from hil.evidence.collect import Evidence
from hil.evidence.figures import BlandAltman, Overlay
from hil.evidence.measurement import Distribution, Limits, Measurement
from hil.evidence.run import Fault, Result
from hil.sims.recordings import recordings

BEGAN_UTC_US = 1_760_000_000_000_000
DELAY = "tests/rig/test_delay.py::test_an_alarm_is_at_the_controller_in_its_time"
RADIO = "tests/rig/test_radio.py::test_a_pulse_comes_by_radio[nrf52]"
DIGEST = "ab" * 32
FRAMES_HZ = 75


def bench_key(folder: Path) -> BenchKey:
    """That of a test."""
    return BenchKey.of(folder / "keys")


def begun(folder: Path, rig: str = "emulated", seed: int = 7) -> Evidence:
    """A run that has measured nothing yet."""
    return Evidence(folder, rig, seed, f"wardlink hil run --rig {rig} --seed {seed}", BEGAN_UTC_US)


def filled(folder: Path, *, slower: float = 0.0, firmware: str = DIGEST) -> Evidence:
    """A run that passed, with one of everything; `slower` seconds are added to each delay."""
    evidence, draw = begun(folder), Random(7)
    evidence.real("gateway", "the software itself, in a process of its own")
    evidence.faked("node", "MicroPython in QEMU's micro:bit")
    evidence.digest("node's firmware", firmware)
    evidence.note("Times are those of an emulator.")
    evidence.covers("F-02", DELAY)
    delays = tuple(draw.lognormvariate(-1, 0.3) + slower for _ in range(120))
    evidence.measure(Distribution("alarm delay", "s", delays, {"p95": Limits(upper=5.0)}, 0.01), DELAY)
    evidence.measure(Measurement("recovery", 1.834 + slower, "s", upper=5.0, uncertainty=0.12), DELAY)
    evidence.outcome(DELAY, Result.PASSED, 12.25)
    evidence.outcome(RADIO, Result.SKIPPED, 0.0, "needs the bench: no emulator has this radio")
    evidence.fault(Fault("cable cut", 1.0, 2.0, 3.5, test=DELAY, proof="240 bytes cut"))
    evidence.fault(Fault("brown-out", 7.0, 7.2, None, fired=False, test=DELAY))
    pairs = tuple((70.0 + index, 70.0 + index + draw.gauss(0.3, 1.0)) for index in range(30))
    evidence.figure(BlandAltman("SpO2", "%", pairs))
    wave = tuple(math.sin(index / 8) for index in range(200))
    evidence.figure(Overlay("pleth", "1", 50, wave, (*wave[:90], None, None, *wave[92:])))
    evidence.attach("uart.bin", b"\x00\x01\xff")
    evidence.log("gateway.log", "began")
    return evidence


def frames(values: list[int]) -> bytes:
    """Nonin's data format 2 (Xpod manual): status, pleth, and a byte of the packet, five to a frame."""
    lines = list[str]()
    for number, value in enumerate(values):
        status = 0x81 if number % 25 == 0 else 0x80
        body = bytes([1, status, value, 0])
        lines.append(f"{number / FRAMES_HZ:.6f} {(body + bytes([sum(body) % 256])).hex()}")
    return "\n".join(lines).encode()


def pleth() -> list[int]:
    """Eight seconds of a person's pulse."""
    recording = next(iter(recordings().values()))
    return [round(100 + 80 * recording.at(n / FRAMES_HZ % recording.length_s)) for n in range(600)]
