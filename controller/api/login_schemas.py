"""What the routes of identity provider, passkeys and API tokens take and give. Times: UTC, s since 1970."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape
from controller.security.tokens import LONGEST_DAYS

Label = Annotated[
    str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True, pattern=PRINTABLE)
]
TokenName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]


class Ways(Shape):
    """How people can log in beside the password."""

    oidc: str | None = Field(description="the words for the button of the identity provider, if there is one")
    passkeys: str = Field(description="the domain that passkeys are bound to")


class Farewell(Shape):
    """Where the browser goes after the logout."""

    go: str


class LoggedOut(Shape):
    """What the identity provider's logout did."""

    ended: int = Field(description="sessions here that are over by it")


class CredentialBody(Body):
    """What navigator.credentials.get gave, as its toJSON() writes it."""

    credential: dict[str, Any]


class NewPasskeyBody(Body):
    """What navigator.credentials.create gave, as its toJSON() writes it, and a name for it."""

    name: Label
    credential: dict[str, Any]


class PasskeyNameBody(Body):
    """Another name."""

    name: Label


class PasskeyShape(Shape):
    """One of one's own passkeys."""

    id: str
    name: str
    made_utc_s: int
    used_utc_s: int | None


class PasskeyList(Shape):
    """One's own passkeys."""

    passkeys: list[PasskeyShape]


class NewTokenBody(Body):
    """A token for a program. Its name is never given again; `wards`: ids, null is all."""

    name: TokenName
    scopes: Annotated[str, StringConstraints(max_length=2000)]
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    wards: Annotated[list[str], Field(min_length=1, max_length=100)] | None = None


class NewToken(Shape):
    """A token, this once."""

    name: str
    token: str


class TokenShape(Shape):
    """What is known of a token."""

    name: str
    scopes: str
    wards: list[str] | None
    state: Literal["valid", "expired", "revoked"]
    made_by: str
    made_utc_s: int
    expires_utc_s: int
    used_utc_s: int | None = Field(description="last, to a minute")
    revoked_utc_s: int | None
    revoked_by: str | None


class TokenList(Shape):
    """Every token that ever was."""

    tokens: list[TokenShape]
    scopes: list[str] = Field(description="resource types that scopes can name here")
