"""JSON in the one form that RFC 8785 gives it, so that a signature is over bytes everybody gets alike.

Numbers go up to what every reader of JSON holds exactly (RFC 7493, 2.2). The pages' half of it is
controller/web/signing/canonical.js.
"""

import json
from typing import Any

from controller.errors import BadSignature

EXACT = 2**53 - 1


def canonical(value: Any) -> bytes:
    """`value`, of dictionaries, lists, texts, numbers, booleans and None. Raises BadSignature."""
    try:
        return _text(value).encode()
    except UnicodeEncodeError as error:
        raise BadSignature(
            f"expected text in Unicode, got half of a surrogate pair: {error.reason}"
        ) from None
    except RecursionError:
        raise BadSignature("expected JSON of some depth, got one without end") from None


def parsed(content: bytes) -> Any:
    """The value whose canonical form `content` is, and no other form. Raises BadSignature."""
    try:
        value: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadSignature(f"expected JSON: {error}") from None
    if canonical(value) != content:
        raise BadSignature("expected JSON in canonical form (RFC 8785), got another: use the file as it came")
    return value


def _text(value: Any) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int() if abs(value) <= EXACT:
            return str(value)
        case float() if abs(value) <= EXACT:
            return _number(value)
        case list():
            return f"[{','.join(map(_text, value))}]"
        case dict() if all(isinstance(name, str) for name in value):
            names = sorted(value, key=_order)
            return f"{{{','.join(f'{_text(name)}:{_text(value[name])}' for name in names)}}}"
        case _:
            raise BadSignature(
                f"expected texts, whole numbers up to 2^53, decimals, lists, objects; got {value!r:.40}"
            )


def _number(value: float) -> str:
    """ECMA-262, Number::toString: the same digits as Python's, with an exponent from 1e-7 on downwards."""
    if value == int(value):
        return str(int(value))
    digits, _, power = repr(value).partition("e")
    if not power:
        return digits
    if int(power) < -6:
        return f"{digits}e{int(power)}"
    sign, bare = "-" * (value < 0), digits.lstrip("-").replace(".", "")
    return f"{sign}0.{'0' * (-int(power) - 1)}{bare}"


def _order(name: str) -> bytes:
    """RFC 8785, 3.2.3: by code units of UTF-16."""
    return name.encode("utf-16-be", "surrogatepass")
