"""What requests about people and accounts carry, and what answers look like."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from controller.api.badges_schemas import BadgeHeld
from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape, Ward
from controller.security.permissions import Role
from controller.security.sessions import How

Password = Annotated[str, StringConstraints(max_length=1024), Field(repr=False)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True, pattern=PRINTABLE)
]
Sentence = Annotated[
    str, StringConstraints(min_length=5, max_length=500, strip_whitespace=True, pattern=PRINTABLE)
]
Code = Annotated[str, StringConstraints(min_length=6, max_length=32), Field(repr=False)]
Roles = Annotated[list[Annotated[Role, Field(strict=False)]], Field(min_length=1, max_length=len(Role))]
Wards = Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(max_length=200)]


class PasswordBody(Body):
    """One's own password, once more."""

    password: Password


class NewPasswordBody(PasswordBody):
    """The present password, and the one to have from now on."""

    new: Password


class CodeBody(Body):
    """A code of a second factor."""

    code: Code


class RightsBody(Body):
    """What a person is, and where. `wards` empty: what that means for the roles; all of them: `all_wards`."""

    roles: Roles
    wards: Wards = Field(default_factory=list)
    all_wards: bool = False


class PersonBody(RightsBody):
    """A person to let in."""

    name: Name


class DisabledBody(Body):
    """Whether a person is shut out."""

    disabled: bool


class BreakGlassBody(Body):
    """Whom to look at (the identifier on the wristband), and why."""

    patient: Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
    reason: Sentence


class ReviewBody(Body):
    """What an auditor thinks of it."""

    verdict: Literal["justified", "unjustified"]
    note: Annotated[str, StringConstraints(max_length=500, strip_whitespace=True, pattern=PRINTABLE)] = ""


class Offer(Shape):
    """What an authenticator needs."""

    secret: str
    address: str
    qr: list[str] = Field(description="the address as QR code: lines of 0 and 1, 1 is dark")


class RecoveryCodes(Shape):
    """Codes for a lost phone: each opens once."""

    recovery_codes: list[str]


class HeldSession(Shape):
    """Where one is logged in. Times: ms, the controller's time scale."""

    id: str
    how: How
    address: str = Field(description="from where one logged in")
    began_ms: int
    used_ms: int = Field(description="to five minutes")
    here: bool = Field(description="it is this one")


class HeldSessions(Shape):
    """One's own sessions, the newest first."""

    sessions: list[HeldSession]


class OneTimePassword(Shape):
    """A password for one login."""

    password: str


class Person(Shape):
    """A person's account."""

    name: str
    roles: list[str]
    wards: list[str] | None = Field(description="null: all")
    disabled: bool
    one_time_password: bool
    password: bool
    second_factor: bool
    sessions: int
    held: BadgeHeld


class People(Shape):
    """Everybody, and what there is to give them."""

    people: list[Person]
    roles: list[str]
    wards: list[Ward]


class Broken(Shape):
    """Where the patient is, and until when they can be seen (ms, the controller's time scale)."""

    bed: str
    until_ms: int


class Review(Shape):
    """A look at another ward's patient, and what was thought of it."""

    id: int
    user: str
    patient: str
    bed: str
    reason: str
    utc_ms: int
    lasted_ms: int
    verdict: str | None
    reviewed_by: str | None
    reviewed_utc_ms: int | None
    note: str | None


class Reviews(Shape):
    """The review queue."""

    reviews: list[Review]
