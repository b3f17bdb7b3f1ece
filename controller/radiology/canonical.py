"""JSON in the one form that RFC 8785 gives it, so that a signature is over bytes everybody gets alike.

Of numbers only whole ones are taken, up to what every reader of JSON holds exactly (RFC 7493, 2.2).
"""

import json
from typing import Any

from controller.errors import BadReport

EXACT = 2**53 - 1


def canonical(value: Any) -> bytes:
    """`value`, of dictionaries, lists, texts, whole numbers, booleans and None. Raises BadReport."""
    try:
        return _text(value).encode()
    except UnicodeEncodeError as error:
        raise BadReport(f"expected text in Unicode, got half of a surrogate pair: {error.reason}") from None


def parsed(content: bytes) -> Any:
    """The value whose canonical form `content` is, and no other form. Raises BadReport."""
    try:
        value: Any = json.loads(content)
    except ValueError as error:
        raise BadReport(f"expected JSON: {error}") from None
    if canonical(value) != content:
        raise BadReport("expected JSON in canonical form (RFC 8785), got another: use the file as it came")
    return value


def _text(value: Any) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int() if abs(value) <= EXACT:
            return str(value)
        case list():
            return f"[{','.join(map(_text, value))}]"
        case dict():
            names = sorted(value, key=_order)
            return f"{{{','.join(f'{_text(name)}:{_text(value[name])}' for name in names)}}}"
        case _:
            raise BadReport(f"expected texts, whole numbers up to 2^53, lists, objects; got {value!r:.40}")


def _order(name: str) -> bytes:
    """RFC 8785, 3.2.3: by code units of UTF-16."""
    return name.encode("utf-16-be", "surrogatepass")
