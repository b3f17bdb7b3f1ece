"""Unique identifiers (PS3.5, 9.1), as far as real data keep to it.

A component that begins with a zero is against the standard and common in old archives: it is let in. What is
not digits and dots never is.
"""

import re
from typing import Final

from controller.imaging.errors import BadUid

LONGEST: Final = 64
_FORM: Final = re.compile(r"[0-9]+(\.[0-9]+)*", re.ASCII)


def is_uid(text: str) -> bool:
    """Whether `text` is 1 … 64 characters: numbers with dots between them."""
    return 0 < len(text) <= LONGEST and _FORM.fullmatch(text) is not None


def checked(text: str, name: str) -> str:
    """`text`, which is the UID `name`. Raises BadUid."""
    if is_uid(text):
        return text
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    raise BadUid(f"{name}: expected numbers with dots between, at most {LONGEST} characters, got {shown!r}")
