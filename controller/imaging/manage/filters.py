"""What can be asked of the worklist. The controller knows it, too, hence nothing here needs the archive.

filters({"patient": "müll", "from": "20261101", "offset": "50"})     # {"patient": "müll", "from": "20261101"}
"""

import re
from collections.abc import Mapping

from controller.imaging.errors import BadQuery

PAGE, MOST = 50, 200
"""Studies in one answer, unless told otherwise, and at most."""
FARTHEST = 1_000_000
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "accession": (re.compile(r".{1,64}"), "up to 64 characters"),
    "from": (re.compile(r"[0-9]{8}"), "YYYYMMDD"),
    "to": (re.compile(r"[0-9]{8}"), "YYYYMMDD"),
    "modality": (re.compile(r"[A-Z0-9_ ]{1,16}"), "a code as CT (PS3.3, C.7.3.1.1.1)"),
    "urgency": (re.compile(r"[0-3]"), "from 0 to 3"),
    "study": (re.compile(r"[0-9.]{1,64}"), "a UID"),
    "patient": (re.compile(r".{1,64}"), "up to 64 characters"),
}
NAMES = (*_FORMS, "limit", "offset")
"""What can be asked for."""


def filters(query: Mapping[str, str]) -> dict[str, str]:
    """Those of `query` that are not empty. Raises BadQuery."""
    asked = {name: text.strip() for name, text in query.items() if name in _FORMS and text.strip()}
    for name, text in asked.items():
        form, meaning = _FORMS[name]
        if not form.fullmatch(text):
            raise BadQuery(f"expected {name} to be {meaning}, got {text!r:.80}")
    return asked


def whole(query: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    """A whole number of `query`, at most `most`. Raises BadQuery."""
    text = query.get(name, str(otherwise))
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) <= most):
        raise BadQuery(f"expected {name} from 0 to {most}, got {text!r:.40}")
    return int(text)
