"""What the firmware of a robot base and the gateway have in common: keys, kinds, states. Frozen into it.

The frame is that of `devices/codecs/node/wire.py`; keys and kinds below 32 are its own.

    robot -> host  {KIND: STATE, SEQUENCE, BOOT, AT_MS, FLAGS, TRAVELLED, LEFT, RIGHT, LOAD, REASON, STOPS,
                    LEFT_WAY, RIGHT_WAY}
    host -> robot  {KIND: DRIVE, SEQUENCE: n, LEFT, RIGHT}   {KIND: STOP}   {KIND: RELEASE, STOPS: n}
"""

STATE = 32
"""Each 200 ms, and at once when FLAGS change."""
DRIVE = 33
"""Speeds of the wheels. They hold for SILENCE_MS; SEQUENCE grows, and an older one is ignored."""
STOP = 34
"""Latch the emergency stop."""
RELEASE = 35
"""End it, if STOPS is how often it was latched and the button is not pressed."""

FLAGS = 32
TRAVELLED = 33
"""Millimetres since this boot, backwards counts too."""
LEFT = 34
RIGHT = 35
"""Millimetres a second, backwards is negative; of STATE as measured."""
LOAD = 36
"""Grams, or null."""
REASON = 37
"""Why there is no load, a number of `NoValue`."""
STOPS = 38
"""How often the emergency stop was latched in this boot."""
LEFT_WAY = 39
RIGHT_WAY = 40
"""Millimetres that each wheel rolled since this boot, backwards is less; firmware before 2 lacks them."""

STATES = ("emergency-stop", "button-pressed", "bumper-left", "bumper-right", "host-silent", "moving")
"""By bit, from the lowest, of FLAGS."""

SILENCE_MS = 500
"""Without a DRIVE for so long the motors stop."""
STATE_MS = 200
"""How often STATE comes."""
FASTEST = 1500
"""Millimetres a second; more is not obeyed."""
