"""Readings a second and latency, beside what the emulator can do at all: its figures, not a board's."""

import time
from collections.abc import Callable
from random import Random

import pytest

from hil.evidence.measurement import AnyMeasurement, Distribution, Limits, Measurement
from hil.rig import image
from hil.rig.drivers.nodes import MicrobitDriver
from hil.rig.rig import Rig, now_us
from hil.rig.site import until
from tests.rig.alarms import LOOK_S
from tests.rig.driven import drive_new, worth

Measure = Callable[[AnyMeasurement], AnyMeasurement]
_SECONDS, _BARE_S = 2.0, 1.0
_TIMES = 20
_FASTEST_MS, _USUAL_MS = 1, 100
_LATE_S = 5.0
_WIRE_S = 0.005
"""The cable looks at what comes every 2 ms."""


def test_latency_from_the_sensor_to_the_ledger(rig: Rig, measure: Measure, draw: Random) -> None:
    to_wire, to_ledger = list[float](), list[float]()
    for number in range(_TIMES):
        value = 3601 + 7 * number
        rig.heard.values.pop(value, None)
        time.sleep(draw.uniform(0, _USUAL_MS / 1000))  # not in step with the node
        at, came = drive_new(rig, value)
        to_wire.append(max(0.0, rig.heard.values[value] - at))
        to_ledger.append(came - at)
    note = f"from the driven value, which the node finds when it measures next; {worth(rig)}"
    measure(Distribution("latency to the wire", "s", tuple(to_wire), {}, _WIRE_S, note=note))
    limits = {"p50": Limits(upper=_LATE_S), "max": Limits(upper=_LATE_S)}
    told = measure(
        Distribution("latency to the ledger", "s", tuple(to_ledger), limits, 2 * LOOK_S, note=note)
    )
    assert told.judgement == "within"
    assert all(wire <= ledger for wire, ledger in zip(to_wire, to_ledger, strict=True))


@pytest.mark.needs("emulated")
def test_readings_a_second_from_the_node_to_the_ledger(rig: Rig, measure: Measure) -> None:
    assert isinstance(rig.node, MicrobitDriver)
    before = rig.ledger.mark()
    bare = bare_frames_a_second(rig.node, rig)
    restart(rig, image.node(_FASTEST_MS))
    until("it runs", lambda: len(rig.ledger.values(rig.ledger.mark().reading - 400)) > 100)
    mark, began = rig.ledger.mark(), time.monotonic()
    time.sleep(_SECONDS)
    came, took = len(rig.ledger.values(mark.reading)), time.monotonic() - began
    restart(rig, image.node(_USUAL_MS))
    limit = f"{bare:.0f} bare frames a second of this emulator to a reader that only counts"
    note = f"as often as the node can measure, number and write to its flash; beside {limit}; {worth(rig)}"
    rate = Measurement("readings to the ledger", came / took, "/s", samples=came, note=note)
    measure(rate)
    name = "the emulator's own limit: bare frames to a bare reader"
    measure(Measurement(name, bare, "/s", samples=round(bare * _BARE_S), note=worth(rig)))
    rig.live_since(now_us())
    assert rig.settled(before) == []
    assert 0 < came / took <= bare


def bare_frames_a_second(node: MicrobitDriver, rig: Rig) -> float:
    """How fast the emulated board sends frames when it does nothing else, and nobody does but read."""
    rig.cable.up.is_cut = rig.cable.down.is_cut = True
    node.cut()
    node.load(image.bare())
    with rig.cable.apart():
        node.on()
        frames, began = 0, 0.0
        while not frames or time.monotonic() - began < _BARE_S:
            data = node.port.read()
            if data and not began:
                began = time.monotonic()
            frames += data.count(0)
            time.sleep(0.002)
        took = time.monotonic() - began
        node.cut()
    rig.cable.heal()
    return frames / took


def restart(rig: Rig, hexadecimal: str) -> None:
    """Give the board another image: it goes on with its numbers."""
    assert isinstance(rig.node, MicrobitDriver)
    rig.node.off()
    rig.cable.drain()
    rig.node.load(hexadecimal)
    rig.node.on()
    rig.live_since(now_us())
