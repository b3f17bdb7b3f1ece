"""How far a gateway has come with the release of its software that it is to run."""

from enum import StrEnum


class Progress(StrEnum):
    """What the gateway itself says of a release."""

    FILLED = "filled"
    """It was fetched, verified, and is in the slot that does not run; why it waits is said beside."""
    TRIAL = "trial"
    """It runs, and has to prove itself."""
    INSTALLED = "installed"
    """It is healthy: connected, its journal takes records, the controller has receipted one."""
    FAILED = "failed"
    """It did not get healthy: the gateway went back to the release before."""
    REFUSED = "refused"
    """It cannot be used, or not now: why is said beside. What may change is tried again."""
