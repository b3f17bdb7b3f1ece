"""What the requests of orders to gateways carry and their answers look like.

Times `*_utc_ms` are UTC in ms since 1970; `told_ms` is in the controller's time scale.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape

_MOST = 128
"""Arguments, or settings."""
_Text = Annotated[str, StringConstraints(max_length=320, pattern=PRINTABLE)]
_Name = Annotated[str, StringConstraints(max_length=60, pattern=PRINTABLE)]
_Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
_Given = dict[_Name, _Whole | _Text]
_Why = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=PRINTABLE)]


class CommandBody(Body):
    """A command for a gateway, as `/api/orders` offers them; after `minutes` it is not done any more."""

    name: _Name
    arguments: _Given = Field(default_factory=dict[_Name, _Whole | _Text], max_length=_MOST)
    minutes: int = 60
    why: _Why = ""


class SettingsBody(Body):
    """All settings of a gateway; one that is not here is as in the gateway's own file."""

    settings: _Given = Field(max_length=_MOST)


class ConfigurationBody(SettingsBody):
    """The same, to be sent."""

    why: _Why = ""


class OrderField(Shape):
    """An argument or a setting, and what it may be."""

    name: str
    kind: Literal["whole", "choice", "text"]
    least: int | None = Field(description="of a whole number")
    most: int | None
    choices: list[str]
    pattern: str = Field(description="of a text: a regular expression for all of it")


class OfferedCommand(Shape):
    """A command that gateways know, and the arguments that it needs."""

    name: str
    arguments: list[OrderField]


class Offered(Shape):
    """What can be asked of gateways."""

    commands: list[OfferedCommand]
    settings: list[OrderField]
    minutes: int = Field(description="for so long a command is good unless it is said")
    most_minutes: int


class Progress(Shape):
    """What became of an order."""

    state: str = Field(description="sent, expired, or as its gateway says: done, applied, refused, failed, …")
    why: str
    told_ms: int | None = Field(description="when its gateway said so; null: it has said nothing")
    more: dict[str, int | str] = Field(description="what else it said")


class SentCommand(Progress):
    """A command, and what became of it."""

    id: str
    name: str
    arguments: dict[str, int | str]
    issuer: str
    issued_utc_ms: int
    expires_utc_ms: int


class SentConfiguration(Progress):
    """The newest configuration that was sent to a gateway."""

    revision: int
    settings: dict[str, int | str]
    issuer: str
    issued_utc_ms: int


class ConfigurationInForce(Shape):
    """What a gateway last said to have applied."""

    revision: int
    settings: dict[str, int | str] | None = Field(description="null: this controller does not know them")
    told_ms: int


class SoftwareTold(Shape):
    """How far a gateway has come with a release of its own software, as it said last."""

    release: int
    progress: str = Field(description="filled, trial, installed, failed, refused")
    why: str
    told_ms: int


class QualityTold(Shape):
    """How a gateway stands with the mobile network that it asks for a better connection, as it said last."""

    state: str = Field(description="requested, available, ended, refused, unreachable, released")
    profile: str = Field(description="the QoS profile that it asks the operator for")
    why: str
    told_ms: int


class GatewayOrders(Shape):
    """The last commands of a gateway, the newest first, and its configuration."""

    server_ms: int
    utc_ms: int
    state: Literal["online", "behind", "offline"]
    commands: list[SentCommand]
    newest: SentConfiguration | None = Field(description="null: none was ever sent")
    in_force: ConfigurationInForce | None = Field(description="null: all is as in the gateway's own file")
    software: SoftwareTold | None = Field(description="null: it has said nothing of releases")
    quality: QualityTold | None = Field(description="null: it asks no network for a better connection")
    releases: list[int] = Field(description="that this controller offers")


class IssuedCommand(Shape):
    """It is kept, and sent until the gateway answers or it expires."""

    id: str
    issued_utc_ms: int
    expires_utc_ms: int


class GatewayConfiguration(Shape):
    """The newest configuration that was sent; revision 0: none. `ETag` has the revision, for `If-Match`."""

    revision: int
    settings: dict[str, int | str]


class SettingChange(Shape):
    """Of one setting; null: as in the gateway's own file."""

    name: str
    before: int | str | None
    after: int | str | None


class Comparison(Shape):
    """What would be other than in the newest revision."""

    revision: int
    changes: list[SettingChange]
