"""What can go wrong in `gateway`, split by what the caller should do.

GatewayError
├── ConfigError        the person who wrote the configuration mends it
├── JournalError       the journal's folder cannot be used: another gateway has it, or rights are missing
├── NotKept            the disk gave something up: whoever waits for it acknowledges nothing
├── LinkError          a device's port or radio cannot be used now: the link tries again
├── Unreachable        the controller or its broker cannot be reached now: the uplink tries again
└── Refused            the broker does not take these credentials: tried again, and shown
"""


class GatewayError(Exception):
    """Anything that `gateway` refuses."""


class ConfigError(GatewayError):
    """A configuration that cannot be used: names file, key, what was expected, what came, the remedy."""


class JournalError(GatewayError):
    """The journal's folder cannot be used."""


class NotKept(GatewayError):
    """Something that was handed to the journal was given up, and written down as a gap."""


class LinkError(GatewayError):
    """A device's port or radio cannot be used now. `why` is the code for machines, the message for people."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class Unreachable(GatewayError):
    """The controller or its broker cannot be reached now."""


class Refused(GatewayError):
    """The broker does not take these credentials."""
