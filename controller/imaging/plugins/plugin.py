"""What a plug-in is, and which there are."""

from typing import Protocol

from controller.imaging.plugins.model import Finding, Given


class Plugin(Protocol):
    """Pure: it reads no clock and no file, and gives the same for the same.

    Its process may be ended at any time.
    """

    @property
    def name(self) -> str:
        """As queue and audit trail have it: "ecg"."""
        ...

    @property
    def version(self) -> str:
        """A new one looks at new studies only."""
        ...

    def takes(self, kind: str) -> bool:
        """Whether it looks at such things (Given.kind)."""
        ...

    def run(self, given: Given) -> list[Finding]:
        """What is in it for a physician; nothing is a good answer. Raises BadGiven: it cannot be read."""
        ...


class BadGiven(ValueError):
    """What was given is not what its kind says: what was expected, what came."""
