"""What Janus says (Janus 1.1: Janus API, VideoRoom), checked: nothing of it is trusted to have its form."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from controller.errors import MediaError

LARGEST = 1 << 20
"""Of one message, in bytes: descriptions of many pictures are some tens of thousands."""
_Id = Annotated[int, Field(ge=0, lt=2**63)]
_Word = Annotated[str, Field(max_length=200)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class Description(_Told):
    """A session description (RFC 8829)."""

    type: Literal["offer", "answer"]
    sdp: Annotated[str, Field(max_length=200_000)]


class Stream(_Told):
    """A line of a subscription: what is sent on it. One that is not used has no feed."""

    mid: _Word
    type: _Word = ""
    feed_id: _Id | None = None
    active: bool = True


class RoomData(_Told):
    """What the VideoRoom says."""

    error: Annotated[str, Field(max_length=2000)] | None = None
    error_code: int | None = None
    streams: Annotated[tuple[Stream, ...], Field(max_length=200, strict=False)] = ()


class _Plugin(_Told):
    data: RoomData


class _Made(_Told):
    id: _Id


class _Fault(_Told):
    code: int = 0
    reason: Annotated[str, Field(max_length=2000)] = ""


class Message(_Told):
    """One message; `janus` is its kind, `sender` the handle that it is about."""

    janus: _Word
    transaction: _Word = ""
    sender: _Id = 0
    data: _Made | None = None
    error: _Fault | None = None
    plugindata: _Plugin | None = None
    jsep: Description | None = None


def parse(raw: str | bytes) -> Message:
    """Raises MediaError: it is none."""
    if len(raw) > LARGEST:
        raise MediaError(f"expected at most {LARGEST} bytes of Janus, got {len(raw)}")
    try:
        return Message.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the message"
        raise MediaError(f"Janus said what it never says: {where}: {first['msg']}") from None
