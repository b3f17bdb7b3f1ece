"""Where gateways find a running controller: it wrote that down when it had started to listen."""

import json
from pathlib import Path

from controller.errors import IdentityError
from controller.identity.provisioning import Addresses


def told_addresses(data: Path, est: str = "", mqtt: str = "") -> Addresses:
    """What the controller of the folder `data` wrote down, unless `est` and `mqtt` say otherwise.

    Raises IdentityError.
    """
    path = data / "run" / "addresses.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8")) if not (est and mqtt) else {}
        known = [] if mqtt else told.get("brokers", [])
        return Addresses(est or told["est"], mqtt or told["mqtt"], tuple(known[1:]))
    except (OSError, ValueError, KeyError):
        raise IdentityError(
            f"{path}: expected the addresses of a running controller: start it, or give --est and --mqtt"
        ) from None
