"""The versions of VDA 5050 that are spoken here, and what is peculiar to each."""

import re
from enum import StrEnum

from devices.codecs.vda5050.errors import BadField

_NAME = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.\d{1,4})?")


class Version(StrEnum):
    """A published version; its value is what the header's `version` says."""

    V2_0 = "2.0.0"
    V2_1 = "2.1.0"
    V3_0 = "3.0.0"

    @property
    def major(self) -> int:
        """2 or 3."""
        return int(self.value[0])

    @classmethod
    def of(cls, name: str) -> "Version":
        """The newest known version that is not newer than `name`, within its major. Raises BadField."""
        found = _NAME.fullmatch(name)
        if found:
            asked = (int(found[1]), int(found[2]))
            known = [one for one in cls if one.major == asked[0] and int(one.value[2]) <= asked[1]]
            if known:
                return known[-1]
        raise BadField(
            f"expected a version 2.x.y or 3.x.y, got {name[:40]!r}: set another one on the vehicle"
        )


V2_0, V2_1, V3_0 = Version
V2 = frozenset({V2_0, V2_1})
V3 = frozenset({V3_0})
EVERY = V2 | V3
V2_0_ONLY = frozenset({V2_0})
SINCE_2_1 = EVERY - V2_0_ONLY
