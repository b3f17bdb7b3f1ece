"""What can go wrong in `devices`.

DevicesError
├── UnknownMetric      a name or number that the metric table does not have
├── UnknownUnit        a unit that cannot become the wanted one
├── BadIdentity        a device, gateway or bed name that is not of the allowed form
├── BadClaim           what should let a gateway in is no claim
├── BadOrder           a command or a setting that gateways do not know, or out of its bounds
├── BadCrew            what a crew is said to tell is not of the words and bounds for it
├── UnknownProfile     a profile name that no file in devices/profiles has
├── BadBytes           a device's value that is not as its protocol says; codecs count it and go on
├── BadCapture         a file that is no capture of the device it is said to be of
└── WireError          a message that is not as the contract says
    ├── MessageTooLarge
    ├── Malformed      not CBOR as the contract allows it, or not of the contract's shape
    └── Damaged        the checksum does not match: the sender still has the right copy
"""


class DevicesError(Exception):
    """Anything that `devices` refuses."""


class UnknownMetric(DevicesError):
    """The metric table has no such row."""


class UnknownUnit(DevicesError):
    """A unit that cannot become the wanted one."""


class BadIdentity(DevicesError):
    """A name that cannot be used as an identity."""


class BadClaim(DevicesError):
    """What should let a gateway in is no claim."""


class BadOrder(DevicesError):
    """A command or a setting that gateways do not know, or out of its bounds.

    `why` is the code for machines: `unknown`, `arguments`, `settings`.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class BadCrew(DevicesError):
    """What a crew is said to tell is not of the words and bounds for it."""


class UnknownProfile(DevicesError):
    """No such device profile."""


class BadCapture(DevicesError):
    """A file that is no capture of such a device."""


class BadBytes(DevicesError):
    """A device's value that is not as its protocol says. Never leaves a codec, which counts it.

    `reason` is one of `checksum`, `framing`, `length`, `range`.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class WireError(DevicesError):
    """A message that is not as the wire contract says."""


class MessageTooLarge(WireError):
    """A message above the contract's size limit."""


class Malformed(WireError):
    """A message that is not the CBOR, or not the shape, that the contract allows."""


class Damaged(WireError):
    """A block whose checksum does not match its bytes."""
