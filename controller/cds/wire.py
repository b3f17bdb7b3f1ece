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
        return shape.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise NotChecked("not-json", "its answer is not JSON: tell who runs it") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))[:120] or "body"
        raise NotChecked(
            code, f"its answer is not as CDS Hooks 2.0 says ({where}: {first['msg']:.120})"
        ) from None
