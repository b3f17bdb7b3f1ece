"""Two files of the crew's page that are made: the words that page and box agree on, and the worker's list.

/known.js has the words of `devices.model.crew`, so that page and box have the same marks and lists, and which
limits may be moved (`devices.model.alarm_limits`). /sw.js begins with all that makes up the page and a hash
over it: a browser that finds another hash takes the new page, whole, and never a mixture of two.
"""

import hashlib
import json
from collections.abc import Mapping

from devices.model import crew, lights
from devices.model.alarm_limits import PatientClass, movable

PAGE = "index.html"


def known() -> bytes:
    """/known.js."""
    words = {
        "MARKS": crew.MARKS,
        "CHECKLISTS": crew.CHECKLISTS,
        "RESOURCES": crew.RESOURCES,
        "CALL": crew.CALL,
        "PICTURE_KINDS": crew.PICTURE_KINDS,
        "MOST_PICTURE_BYTES": crew.MOST_PICTURE_BYTES,
        "SEXES": crew.SEXES,
        "CLASSES": crew.CLASSES,
        "LIGHTS_HOLD_S": lights.HOLDS_S,
        "LIMITS": {str(one): movable(one) for one in PatientClass},
    }
    lines = (f"export const {name} = {json.dumps(value, default=dict)};\n" for name, value in words.items())
    return ("// Made by gateway/crew/shell.py of devices/model/crew.py.\n" + "".join(lines)).encode()


def worker(script: bytes, bodies: Mapping[str, bytes]) -> bytes:
    """/sw.js: `script` behind the paths of `bodies` (the page itself at /) and a hash over all of it."""
    total = hashlib.sha256(script)
    for path, body in sorted(bodies.items()):
        total.update(path.encode() + b"\0" + hashlib.sha256(body).digest())
    paths = sorted("/" if path == PAGE else f"/{path}" for path in bodies)
    shell = {"version": total.hexdigest()[:16], "paths": paths}
    return f"self.SHELL = {json.dumps(shell)};\n".encode() + script
