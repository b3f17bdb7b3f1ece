"""The micro:bit of a rig: `firmware/microbit/main.py` with a driven sensor and more readings a second."""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import gc

import machine
import microbit

from devices.codecs.node import wire
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.microbit.nvmc import Flash
from hil.rig.nodes import microbit_sense as sense

PERIOD_MS = 100
SLOT = 64
_DEVICE_ID = 0x10000060


uart = microbit.uart
uart.init(115200)
uart.write(b"\0")
box = bytearray(12)
for n in range(8):
    box[n] = 211 - 7 * n  # so that the rig finds it in RAM, and finds nothing else
box[8], box[9], box[10], box[11] = 0x74, 0x0E, 0x8B, 0xF1  # 37.00
now = microbit.running_time()
ring = Ring(Flash(), SLOT, (machine.mem32[_DEVICE_ID] ^ now) & 0x7FFFFFFF)
node = Node(ring, {wire.BOARD: "microbit", wire.VERSION: 1}, now)
due = now
while True:
    now = max(now, microbit.running_time())
    if now >= due:
        due = max(due + PERIOD_MS, now - PERIOD_MS)
        node.measured(sense.sense(box, ring.next), now)
    node.receive(uart.read() or b"", now)
    uart.write(node.to_send(now))
    gc.collect()
