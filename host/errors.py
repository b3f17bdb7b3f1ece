"""What can go wrong in `host`.

HostError
└── NotInstalled       packages are missing that the configuration asks for: the message says which
"""


class HostError(Exception):
    """Anything that `host` refuses."""


class NotInstalled(HostError):
    """Packages are missing."""
