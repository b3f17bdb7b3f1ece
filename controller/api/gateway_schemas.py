"""What the requests of provisioning carry and its answers look like; `*_utc_s` are seconds since 1970."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape

GatewayClassName = Literal["ward", "vehicle", "simulated"]
Short = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True, pattern=PRINTABLE)]
Serial = Annotated[str, StringConstraints(max_length=40, pattern="^[0-9a-f]*$")]
Why = Annotated[
    str, StringConstraints(min_length=3, max_length=200, strip_whitespace=True, pattern=PRINTABLE)
]


class GatewayRecordBody(Body):
    """What an engineer says of a gateway: `place` is the id of a ward, a bed or a vehicle."""

    name: Short = ""
    asset_tag: Short = ""
    place: Annotated[str, StringConstraints(max_length=48)]
    kind: GatewayClassName = "ward"


class RevocationBody(Body):
    """Why, and of which certificate; without a serial number: of all that the gateway has."""

    why: Why
    serial: Serial = ""


class EndingBody(Body):
    """Why."""

    why: Why


class PlaceBody(Body):
    """A ward's name."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE)]


class BedPlaceBody(PlaceBody):
    """A bed's or a vehicle's name, and its ward."""

    ward: Annotated[str, StringConstraints(max_length=48)]


class ProvisionedGateway(Shape):
    """A gateway that is recorded or was heard, and how far it is."""

    gateway: str
    name: str
    asset_tag: str
    place: str
    kind: str
    provisioned: bool = Field(description="it may come in")
    claim_until_utc_s: int | None = Field(description="an unused claim is good until then")
    certified_until_utc_s: int | None = Field(description="its last unrevoked certificate ends then")
    certified_utc_s: int | None = Field(description="it was given the newest of them")
    state: Literal["online", "behind", "offline"]
    seen_ms: int | None
    software: str | None


class GatewayPlace(Shape):
    """Where a gateway can be."""

    id: str
    name: str


class WaitingBox(Shape):
    """A box that says in the local network that it waits for its claim."""

    serial: str
    address: str = Field(description="HOST:PORT of its own page; empty: none")


class ClaimAlert(Shape):
    """Two keys came with the claim of `gateway`, the second from the address `where`."""

    gateway: str
    where: str
    at_ms: int


class Ending(Shape):
    """A certificate of the controller's own authority that somebody has to look after before it ends."""

    certificate: Literal["root", "issuing", "server", "controller"]
    ends_utc_s: int


class Provisioned(Shape):
    """All gateways; what waits; and what there is to choose from."""

    server_ms: int
    utc_ms: int
    gateways: list[ProvisionedGateway]
    waiting: list[WaitingBox]
    alerts: list[ClaimAlert]
    endings: list[Ending]
    wards: list[GatewayPlace]
    beds: list[GatewayPlace]
    homes: list[str] = Field(description="ids of those beds that are homes of patients")


class GivenCertificate(Shape):
    """A certificate that a gateway was given."""

    serial: str
    issued_utc_s: int
    expires_utc_s: int
    revoked_utc_s: int | None
    why: str = Field(description="it was revoked")


class GivenCertificates(Shape):
    """The newest first."""

    certificates: list[GivenCertificate]


class MadeClaim(Shape):
    """A claim: a secret, and told only here."""

    gateway: str
    text: str = Field(description="what the gateway scans or is given", repr=False)
    rows: list[str] = Field(description="the same as a QR code: modules line by line, 1 is dark", repr=False)
    made_utc_s: int
    expires_utc_s: int


class Revoked(Shape):
    """The serial numbers that this took back."""

    serials: list[str]


class Decommissioned(Shape):
    """The receipt, for `openssl cms -verify`."""

    receipt: str
