"""Whether others may read a file that has a secret in it."""

import os
import stat
from pathlib import Path

_OTHERS = 0o077


def read_by_others(path: Path) -> str:
    """Its mode, as it has to be changed; "" when it is its owner's alone. Raises OSError.

    What systemd handed over by LoadCredential= is this service's alone, whatever its mode says: the right to
    read it is in an ACL, which shows as a right of the group.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    handed = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not mode & _OTHERS or (handed and path.resolve().parent == Path(handed).resolve()):
        return ""
    return f"{mode:04o}"
