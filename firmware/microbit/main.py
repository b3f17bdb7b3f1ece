"""What the micro:bit does: a value each second, over the USB's serial port.

It has no room for a second slot: it is flashed over USB as a whole. What the host says of updates is left.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import gc

import machine
import microbit

from devices.codecs.node import wire
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.microbit import sense
from firmware.microbit.nvmc import Flash

PERIOD_MS = 1000
SLOT = 64
_DEVICE_ID = 0x10000060


uart = microbit.uart
uart.init(115200)
uart.write(b"\0")  # whatever was printed before is no part of the first frame
now = microbit.running_time()
ring = Ring(Flash(), SLOT, (machine.mem32[_DEVICE_ID] ^ now) & 0x7FFFFFFF)
node = Node(ring, {wire.BOARD: "microbit", wire.VERSION: 1}, now)
due = now
while True:  # here, for the stack: a function more would be too many
    now = max(now, microbit.running_time())  # in QEMU it turns back now and then
    if now >= due:
        due += PERIOD_MS
        node.measured([sense.METRIC, sense.sense(), 0], now)
    node.receive(uart.read() or b"", now)
    uart.write(node.to_send(now))
    gc.collect()
