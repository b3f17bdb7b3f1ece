"""What the inventory's requests carry and its answers look like."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import Body
from controller.api.schemas import Shape

Text = Annotated[str, StringConstraints(max_length=1000)]
PairingCode = Literal["none", "encrypted", "bonded"]


class ScanBody(Body):
    """What a scanner or a person typed."""

    text: Annotated[str, StringConstraints(max_length=2000)]


class RecordBody(Body):
    """All that is recorded of a device: empty text for what is not known.

    `bed`: place it there, too; `move`: also when it is on another; `again`: though it was decommissioned;
    `found`: the address or port where its gateway found it, which is to serve it there.
    """

    profile: Text
    asset_tag: Text = ""
    serial: Text = ""
    gtin: Text = ""
    address: Text = ""
    gateway: Text = ""
    calibration_due: Text = ""
    notes: Text = ""
    bed: str | None = None
    move: bool = False
    again: bool = False
    found: Annotated[str, StringConstraints(max_length=200)] = ""


class SearchBody(Body):
    """For how long the gateway is to listen."""

    seconds: Annotated[int, Field(ge=1, le=60)] = 8


class PairingBody(Body):
    """How the device may be paired from now on, and why that changes."""

    pairing: PairingCode
    why: Text


class ReasonBody(Body):
    """Why."""

    why: Text


class Fit(Shape):
    """A profile that the label fits. `why`: site, gtin, name or model, the surest first."""

    profile: str
    why: str


class Scanned(Shape):
    """What a scan says: what it does not say is empty text."""

    kind: Literal["gs1", "address", "serial", "text"]
    text: str
    gtin: str
    serial: str
    lot: str
    made: str
    expires: str
    address: str
    devices: list[str] = Field(description="recorded devices that the label may be of")
    fits: list[Fit]


class Photographed(Shape):
    """The texts of a photo's barcodes, the largest first."""

    texts: list[str]


class InventoryDevice(Shape):
    """A device that is recorded or was heard."""

    device: str
    profile: str
    asset_tag: str
    serial: str
    gtin: str
    address: str
    gateway: str = Field(description="that it is recorded to hang on; empty: in stock")
    calibration_due: str
    notes: str
    recorded: bool
    pairing: Literal["", "none", "encrypted", "bonded"]
    withdrawn_ms: int | None = Field(description="decommissioned then, UTC")
    connected: bool | None
    seen_ms: int | None
    heard_by: str | None = Field(description="the gateway that speaks of it")
    bed: str | None
    battery_percent: int | None
    battery_ms: int | None
    firmware: str | None
    attention: list[str] = Field(
        description="of unrecorded, withdrawn, calibration, battery, unseen, unplaced"
    )


class Candidate(Shape):
    """A device or port in reach that nobody recorded: its address or path, the profiles that fit it."""

    where: str
    name: str
    rssi: int | None = Field(description="dBm")
    fits: list[str]
    heard_ms: int


class Found(Shape):
    """What a gateway last told of what is in reach."""

    gateway: str
    way: Literal["ble", "serial"]
    told_ms: int
    others: int = Field(description="how many more are there, which fit no profile")
    candidates: list[Candidate]


class Search(Shape):
    """The last search that a gateway was asked for, and what became of it."""

    gateway: str
    state: str
    why: str
    asked_utc_ms: int


class Inventory(Shape):
    """All devices, what gateways found beside them; and the profiles, gateways and beds to choose from."""

    server_ms: int
    utc_ms: int
    devices: list[InventoryDevice]
    found: list[Found]
    searches: list[Search]
    profiles: list[str]
    gateways: list[str]
    beds: list[dict[str, str]] = Field(description="id, name and ward")


class Stay(Shape):
    """A patient's stay on the bed meanwhile: a number, and nobody's name."""

    id: int
    from_ms: int
    to_ms: int | None


class Placement(Shape):
    """A bed that the device was on."""

    bed: str
    from_ms: int
    to_ms: int | None
    by: str | None
    stays: list[Stay]


class RecordChange(Shape):
    """A change of the record."""

    utc_ms: int
    by: str
    what: str
    detail: dict[str, Any]


class InventoryDetail(InventoryDevice):
    """One device and all that was."""

    history: list[RecordChange]
    placements: list[Placement]


class Saved(Shape):
    """What became of a record."""

    outcome: Literal["added", "changed", "unchanged"]


class ImportFault(Shape):
    """What is wrong with one row; the head is row 1."""

    row: int
    column: str
    expected: str
    came: str
    remedy: str


class ImportReport(Shape):
    """What an import did, or with `dry_run` would do."""

    added: int
    changed: int
    unchanged: int
    faults: list[ImportFault]
