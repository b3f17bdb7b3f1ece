"""What requests and answers about badges and PINs look like."""

from typing import Annotated

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape

Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$"), Field(repr=False)]
Token = Annotated[str, StringConstraints(min_length=4, max_length=256, pattern=PRINTABLE), Field(repr=False)]
Password = Annotated[str, StringConstraints(max_length=1024)]
Code = Annotated[str, StringConstraints(min_length=6, max_length=32)]


class _Proof(Body):
    """One's password, or a code of the second factor, once more."""

    password: Password | None = Field(None, repr=False)
    code: Code | None = Field(None, repr=False)


class PinBody(_Proof):
    """The PIN to have from now on."""

    pin: Pin


class OwnBadgeBody(_Proof):
    """What a scanner reads off one's badge."""

    badge: Token


class BadgeBody(Body):
    """What a scanner reads off a person's badge."""

    badge: Token


class ShownBody(Body):
    """What somebody shows: a badge, or a name with the PIN or the password."""

    person: Annotated[str, StringConstraints(max_length=64, pattern=PRINTABLE)] = ""
    pin: Annotated[str, StringConstraints(pattern=r"^([0-9]{4,8})?$"), Field(repr=False)] = ""
    badge: Annotated[str, StringConstraints(max_length=256, pattern=PRINTABLE), Field(repr=False)] = ""
    password: Password = Field("", repr=False)


class BadgeHeld(Shape):
    """What a person has: since when, and when last used, ms in the controller's time scale; null: none,
    not since."""

    pin_ms: int | None
    pin_used_ms: int | None
    badge_ms: int | None
    badge_used_ms: int | None
    badge_by: str | None = Field(description="who enrolled it")
