"""What the requests about a node's firmware carry and their answers look like."""

from typing import Annotated

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape
from devices.wire.manifest import LATEST_VERSION


class UpdateBody(Body):
    """Which version the node is to run; null: the newest for its board."""

    version: Annotated[int, Field(ge=1, le=LATEST_VERSION)] | None = None
    why: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=PRINTABLE)] = ""


class FirmwareRunning(Shape):
    """What a node last said of itself."""

    board: str
    version: int
    software: str


class FirmwareImage(Shape):
    """An image for its board that is newer."""

    version: int
    size: int = Field(description="bytes")
    digest: str = Field(description="SHA-256, hexadecimal")


class FirmwareAsked(Shape):
    """The last update that was asked for."""

    version: int
    state: str = Field(
        description="sent, expired, or as its gateway says: done, refused, failed, interrupted"
    )
    why: str
    issuer: str
    issued_utc_ms: int
    stage: str = Field(description="while it is under way: asking, offered, sending, taken, switching, trial")
    percent: int = Field(description="of the image, at the node")
    waits: str = Field(description="why it does not go on now")


class NodeFirmware(Shape):
    """A node's firmware."""

    gateway: str = Field(description="that speaks of it")
    running: FirmwareRunning | None = Field(description="null: it has said nothing of it")
    newer: list[FirmwareImage] = Field(description="the newest first")
    asked: FirmwareAsked | None


class IssuedUpdate(Shape):
    """It is kept, and sent until the gateway answers or it expires."""

    id: str
    issued_utc_ms: int
    expires_utc_ms: int
