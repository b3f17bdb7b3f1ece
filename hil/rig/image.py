"""The micro:bit's images of the rigs, in Intel HEX: the node with a driven sensor, and a bare sender."""

from firmware.build import ROOT, program, smallest
from firmware.image import image

MAGIC = bytes(211 - 7 * n for n in range(8))
"""What the driven value stands behind in RAM (nodes/microbit_main.py)."""
_NODES = "hil/rig/nodes"
_THERE, _HERE = "from hil.rig.nodes import microbit_sense as sense", "from firmware.microbit import sense"
_BARE = """from microbit import uart
uart.init(115200)
n = 0
while True:
    n += 1
    uart.write('frame %d of a length that a reading has, without one: ....\\0' % n)
"""
"""Frames as long as a reading's, counted, and nothing else: what the emulator can do at all."""


def node(period_ms: int) -> str:
    """The node of `nodes`, with a reading every `period_ms`. Raises ToolMissing without MicroPython."""
    main = _main("microbit", period_ms).replace(_THERE, _HERE)
    sense = (ROOT / _NODES / "microbit_sense.py").read_text(encoding="utf-8")
    return image(program(), smallest({"sense": sense, "main": main}))


def unix_main(period_ms: int) -> str:
    """The main file of the unix node, with its imports as they are on a node."""
    text = _main("unix", period_ms)
    return text.replace("from devices.codecs.node import wire", "from firmware.core import wire")


def _main(board: str, period_ms: int) -> str:
    text = (ROOT / _NODES / f"{board}_main.py").read_text(encoding="utf-8")
    return text.replace("PERIOD_MS = 100", f"PERIOD_MS = {period_ms}")


def bare() -> str:
    """The bare sender. Raises ToolMissing without MicroPython."""
    return image(program(), {"main.py": _BARE})


def box(value: int) -> bytes:
    """`value` as it stands behind MAGIC: with its complement, by which the node knows that it is whole."""
    return value.to_bytes(2, "little") + (value ^ 0xFFFF).to_bytes(2, "little")
