"""What requests may carry, and how it is read."""

from typing import Annotated, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from controller.api.answers import BadRequest
from controller.invalid import problems

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


class Body(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid", strict=True)


class LoginBody(Body):
    """Who wants in."""

    user: Annotated[str, StringConstraints(max_length=64)]
    password: Annotated[str, StringConstraints(max_length=1024)] = Field(repr=False)
    code: Annotated[str, StringConstraints(max_length=32)] | None = Field(None, repr=False)
    """Of the second factor, if the person has one."""


class PatientBody(Body):
    """The patient for a bed: the hospital's identifier and a name to show."""

    identifier: Annotated[
        str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True, pattern=PRINTABLE)
    ]
    name: Annotated[
        str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=PRINTABLE)
    ]


class DeviceBedBody(Body):
    """The bed for a device; null takes it off. `move`: also when it is on another bed."""

    bed: str | None
    move: bool = False


BodyType = TypeVar("BodyType", bound=Body)


async def read_body(request: web.Request, kind: type[BodyType]) -> BodyType:
    """The request's body. Raises BadRequest."""
    if request.content_type != "application/json":
        raise BadRequest(f"expected Content-Type application/json, got {request.content_type!r}")
    try:
        return kind.model_validate(orjson.loads(await request.read()))
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"expected a JSON object, the body is not JSON: {error}") from None
    except ValidationError as error:
        raise BadRequest("; ".join(problems(error)) + ": see /api/openapi.json") from None
