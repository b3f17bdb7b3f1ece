"""SQL as its words: what translating it needs, and the statements of a script.

[one.text for one in tokens_of("SELECT 1")]      # ['SELECT', ' ', '1']
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from controller.errors import StoreError

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)|(?P<blob>[xX]'[0-9a-fA-F]*')|(?P<text>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*")
    |(?P<word>[A-Za-z_]\w*)|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<asked>\?\d*|:[A-Za-z_]\w*)
    |(?P<sign><>|<=|>=|!=|==|\|\||->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a sign, some space; `kind`: the name of its group in the pattern above."""

    kind: str
    text: str

    @property
    def low(self) -> str:
        """In small letters."""
        return self.text.lower()


def statements(script: str) -> Iterator[str]:
    """The statements of a script, without their comments. Raises StoreError: the last one does not end."""
    begun = ""
    for part in re.split(r"(?<=;)", without_comments(script)):
        begun += part
        if sqlite3.complete_statement(begun):
            yield begun.strip()
            begun = ""
    if begun.strip():
        raise StoreError(f"expected a statement that ends with a semicolon, got {begun.strip()[:80]!r}")


def tokens_of(sql: str) -> list[Token]:
    """Every character of it, in order."""
    return [Token(str(found.lastgroup), found.group()) for found in _TOKEN.finditer(sql)]


def text_of(tokens: Sequence[Token]) -> str:
    """What they were made of."""
    return "".join(one.text for one in tokens)


def without_comments(script: str) -> str:
    """A line's end is left of each."""
    return "".join(
        "\n" if one.kind == "space" and one.text.startswith("--") else one.text for one in tokens_of(script)
    )


def after(tokens: Sequence[Token], at: int) -> int:
    """Where the next token is that is not space; the end."""
    at += 1
    while at < len(tokens) and tokens[at].kind == "space":
        at += 1
    return at


def arguments(tokens: Sequence[Token], at: int) -> tuple[list[list[Token]], int]:
    """Of the parenthesis at `at`, and where it ends."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for end in range(at, len(tokens)):
        text = tokens[end].text
        depth += (text == "(") - (text == ")")
        if depth == 0:
            return parts, end
        if depth == 1 and text == ",":
            parts.append([])
        elif end > at:
            parts[-1].append(tokens[end])
    raise StoreError(f"expected a parenthesis that ends in {text_of(tokens)!r}")
