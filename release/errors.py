"""What can go wrong when a release is made."""


class ReleaseError(Exception):
    """A release that cannot be made: says what was expected, what came, and what to do."""
