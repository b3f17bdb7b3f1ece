"""What can go wrong with a VDA 5050 message.

Vda5050Error
├── BadTopic      a topic, or a part of one, that is not as the standard says
├── TooLarge      more bytes than a message of this topic may have
├── NotJson       bytes that are not one JSON object in UTF-8, or that two readers could read in two ways
├── BadField      a member that is missing, or of a wrong type, range or word; `path` says which
└── Unsayable     something that the wanted version of the standard cannot say; `path` says what
"""

from devices.errors import DevicesError


class Vda5050Error(DevicesError):
    """Anything that is refused here."""


class BadTopic(Vda5050Error):
    """A topic that is not as the standard says."""


class TooLarge(Vda5050Error):
    """More bytes than a message of this topic may have."""


class NotJson(Vda5050Error):
    """Bytes that are not one JSON object, or not one that every reader reads alike."""


class _AtPath(Vda5050Error):
    """Something about one member of a message. `path` is as `nodes[2].nodePosition.x`."""

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(f"{path or 'the message'}: {why}")
        self.why = why
        self.path = path

    def under(self, step: str) -> "_AtPath":
        """The same, told from one step further out: a member's name, or `[2]`."""
        joint = "" if self.path.startswith("[") or not self.path else "."
        return type(self)(self.why, f"{step}{joint}{self.path}")


class BadField(_AtPath):
    """A member that is not as the standard says."""


class Unsayable(_AtPath):
    """What the wanted version of the standard has no word for, or what no version allows."""
