"""Why a sensor gives no number, and what is said against one: the numbers of the gateway's model.

They are those of `NoValue` and `Quality` in devices/model/observation.py; a test compares them.
"""

NOT_AVAILABLE = 1
SENSOR_OFF = 2
NO_CONTACT = 3
OVERFLOW = 5
UNDERFLOW = 6
REJECTED = 8
MEASURING = 9
FAILED = 10
INVALID = 11

GOOD = 0
ARTIFACT = 1
LOW_PERFUSION = 2
QUESTIONABLE = 16
