"""How a gateway stands with the mobile network that it asked for a better connection."""

from enum import StrEnum


class Standing(StrEnum):
    """What the gateway itself says of the quality that it asked the network's operator for."""

    REQUESTED = "requested"
    """The operator took the request; the network has not provided it yet."""
    AVAILABLE = "available"
    """The network provides it."""
    ENDED = "ended"
    """The network ended it while it was wanted, why is said beside: it is asked for again."""
    REFUSED = "refused"
    """The operator does not give it: why is said beside. It is asked for again later."""
    UNREACHABLE = "unreachable"
    """The operator does not answer, so nobody knows: it is asked again later."""
    RELEASED = "released"
    """It is not wanted, and nothing is held at the operator."""
