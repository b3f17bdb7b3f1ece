"""What can go wrong with decision support.

ControllerError
└── CdsError         decision support
    ├── NotChecked   a service that did not answer, or not as the standard says: `code` says which
    └── Untrusted    a JWT that cannot be read, or that nobody known signed: `code` says which check
"""

from controller.errors import ControllerError


class CdsError(ControllerError):
    """Anything that decision support refuses."""


class NotChecked(CdsError):
    """A service is not heard: what it would have said is not known."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """For programs: "late", "down", "refused", "too-large", "not-json", "not-cards", "no-data"."""


class Untrusted(CdsError):
    """Who asks could not be known."""
