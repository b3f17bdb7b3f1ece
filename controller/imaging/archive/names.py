"""Persons' names for searching: small letters without marks, all component groups (PS3.5, 6.2 PN).

folded({"Alphabetic": "Åse^Sørli", "Ideographic": "王^小明"})    # "ase^sorli=王^小明"
words("ase^sorli=王^小明")                                       # "ase sorli 王 小明"
patterns("ase*")                                               # for: folded GLOB …, one after the other
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_LETTERS: Final = str.maketrans(
    {"ø": "o", "ı": "i", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h"}
)
"""Letters that NFKD does not take apart; ß is ss by casefold."""
_BETWEEN: Final = re.compile(r"[\W_]+")
_GLOB: Final = str.maketrans({"[": "[[]", "]": "[]]"})


def fold(text: str) -> str:
    """`text` in small letters without marks: "Müller" and "MULLER" are the same."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_LETTERS)


def folded(name: Mapping[str, str]) -> str:
    """The component groups of a PN of DICOM JSON (PS3.18, F.2.2), empty ones left out."""
    groups = (name.get(group, "") for group in ("Alphabetic", "Ideographic", "Phonetic"))
    return "=".join(kept for group in groups if (kept := fold(group).rstrip("^ ")))


def words(text: str) -> str:
    """The words of a folded name, spaces between."""
    return _BETWEEN.sub(" ", text).strip()


def patterns(query: str) -> tuple[str, ...]:
    """GLOB patterns of which a folded name that matches `query` meets one: any of its groups may match.

    `*` and `?` of the query stay what they are (PS3.4, C.2.2.2.4).
    """
    asked = fold(query).rstrip("^ ").translate(_GLOB)
    return asked, f"{asked}=*", f"*={asked}", f"*={asked}=*"
