"""The driven sensor on a micro:bit: a value in RAM that the rig writes, with its complement beside it.

Button A's pin (5) is the sensor's data-ready line: held low, the sensor is stuck, and gives no value. A value
whose complement does not fit was changed in RAM, and is none, either.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import microbit

NUMBER = 280
METRIC = 35
FAILED = 10
INVALID = 11


def sense(box: bytearray, number: int) -> list:
    """The number of the reading, and the value at box[8:10], for `Node.measured`."""
    value, reason = box[8] | box[9] << 8, 0
    if not microbit.pin5.read_digital():
        value, reason = None, FAILED
    elif value ^ (box[10] | box[11] << 8) != 65535:
        value, reason = None, INVALID
    return [NUMBER, number % 2500, 0, METRIC, value, reason]
