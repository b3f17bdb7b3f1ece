"""Answers of services, read: bytes in, shapes of the standard out; rubbish raises NotChecked, whole.

discovery = read_discovery(body)
cards = read_cards(body)
"""

from typing import TypeVar

import orjson
from pydantic import ValidationError

from controller.cds.errors import NotChecked
from controller.cds.model import Card, CdsAnswer, Discovery, Wire

LARGEST = 256 * 1024
"""Bytes of an answer."""
DEEPEST = 50
"""Levels of an answer: what is nested deeper (200, 255) could not be kept, or not be read again, and then
nobody could sign."""
_Shape = TypeVar("_Shape", bound=Wire)


def read_discovery(body: bytes) -> Discovery:
    """What a base address offers. Raises NotChecked."""
    return _read(body, Discovery, "not-services")


def read_cards(body: bytes) -> list[Card]:
    """The cards of an answer. One that is wrong spoils all: what it would have said is not known.

    Raises NotChecked.
    """
    return _read(body, CdsAnswer, "not-cards").cards


def _read(body: bytes, shape: type[_Shape], code: str) -> _Shape:
    if len(body) > LARGEST:
        raise NotChecked("too-large", f"its answer is larger than {LARGEST} bytes: it is not read")
    try:
        held = orjson.loads(body)
        if _is_deeper(held, DEEPEST):
            raise NotChecked(code, f"its answer is nested deeper than {DEEPEST} levels: it is not read")
        return shape.model_validate(held)
    except orjson.JSONDecodeError:
        raise NotChecked("not-json", "its answer is not JSON: tell who runs it") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))[:120] or "body"
        raise NotChecked(
            code, f"its answer is not as CDS Hooks 2.0 says ({where}: {first['msg']:.120})"
        ) from None


def _is_deeper(held: object, levels: int) -> bool:
    match held:
        case dict():
            inner = list(held.values())
        case list():
            inner = held
        case _:
            return False
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)
