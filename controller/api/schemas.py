"""What answers look like: the models that the OpenAPI document is made from, and tests check answers by.

Times `*_ms` are milliseconds since 1970 in the controller's time scale unless named utc.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from controller.api.score_schemas import Score
from controller.api.trends_schemas import NotTheirs, SomebodyElses


class Shape(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class ErrorDetail(Shape):
    """Why a request was refused."""

    code: str
    message: str = Field(description="what was expected, what came, what to do")


class Error(Shape):
    """A refusal."""

    error: ErrorDetail


class Me(Shape):
    """Who is logged in."""

    user: str
    roles: list[str]
    wards: list[str] | None = Field(description="ids; null: all")
    permissions: list[str] = Field(description="now: fewer than the roles have, unless the state is open")
    state: Literal["open", "locked", "change-password", "set-up-second-factor"]
    lock_ms: int | None = Field(description="the screen locks so long after a touch; null: never")
    password: bool = Field(description="whether there is one to unlock with")
    second_factor: bool
    imaging: bool = Field(description="whether there is an archive of images here")
    robots: bool = Field(description="whether there are robots here")
    partners: bool = Field(description="whether there are partner sites here")


class Ward(Shape):
    """A group of beds."""

    id: str
    name: str


class Patient(Shape):
    """A person on a bed."""

    identifier: str
    name: str


class Bed(Shape):
    """A bed and who is on it."""

    id: str
    ward: str
    name: str
    patient: Patient | None


class Value(Shape):
    """The newest reading of one metric of one device: a value, or the reason for having none."""

    device: str
    bed: str | None
    metric: str
    value: float | None
    reason: str | None
    quality: list[str]
    at_ms: int = Field(description="time of measurement")
    utc_ms: int | None = Field(description="UTC of measurement by the gateway's clock, if it had one")
    not_theirs: SomebodyElses | None = Field(None, description="one newer than this; left out: there is none")


class DeviceAlarm(Shape):
    """An alarm that the device itself raises."""

    text: str
    priority: str | None = Field(description="low, medium or high, where the device says it")
    at_ms: int


class Device(Shape):
    """A device and how it is."""

    id: str
    profile: str | None
    bed: str | None
    gateway: str | None
    connected: bool | None
    since_ms: int | None
    pairing: str | None = Field(description="none, encrypted or bonded, where its gateway tells")
    battery_percent: int | None
    battery_at_ms: int | None
    rssi: int | None = Field(description="dBm")
    link_at_ms: int | None
    identity: dict[str, str]
    status: dict[str, int]
    bad: dict[str, int] = Field(description="bytes that could not be read, by reason")
    alarms: dict[str, DeviceAlarm] = Field(description="its own alarms that are active, by its code")
    metrics: list[str]
    verified: bool | None = Field(description="whether its codec was checked against bytes of a device")


class Result(Shape):
    """A laboratory result, as the analyser told it."""

    id: int
    device: str | None
    at_ms: int = Field(description="when it arrived; `time` is the analyser's own")
    code: str
    system: str
    text: str | None
    value: str
    unit: str | None
    loinc: str | None
    flags: str | None
    status: str | None
    range: str | None
    specimen: str | None
    time: str | None


class Results(Shape):
    """The answer of /api/beds/{bed}/results."""

    results: list[Result]


class LaneNow(Shape):
    """What of a gateway's lane is live, and what follows."""

    live: bool
    newest_ms: int | None = Field(description="age of the newest that was delivered")
    pending_blocks: int
    later_blocks: int = Field(description="blocks that go after what is new")
    later_seconds: int | None = Field(description="until these are here at the present rate; null: not known")
    oldest_ms: int | None = Field(description="age of the oldest block that waits")


class FirstWave(Shape):
    """A waveform that goes before others, where the link is too narrow for all."""

    device: str
    metric: str


class Gateway(Shape):
    """A gateway and how far behind it is."""

    id: str
    name: str
    state: Literal["online", "behind", "offline"]
    pending_blocks: int
    oldest_ms: int | None = Field(description="age of the oldest block that waits")
    seen_ms: int | None
    clock: dict[str, Any] | None
    counts: dict[str, Any]
    lanes: dict[str, LaneNow] | None = Field(description="by name of the lane; null: not told")
    first_waves: list[FirstWave]
    software: str | None


class Alert(Shape):
    """An alert that is active or has just ended."""

    code: str
    device: str | None
    bed: str | None
    gateway: str
    priority: Literal["low", "medium", "high"]
    active: bool
    at_ms: int
    detail: dict[str, Any]


class MetricInfo(Shape):
    """What the board needs to know of a metric."""

    unit: str
    stale_after_s: int
    physio: list[float | None] = Field(min_length=2, max_length=2)


class LookElsewhere(Shape):
    """Somebody of another ward who looks at the patient on a bed."""

    id: int
    user: str
    bed: str
    from_ms: int
    until_ms: int


class Snapshot(Shape):
    """Everything that is true now."""

    server_ms: int
    session: str
    ward: Ward | None
    wards: list[Ward]
    beds: list[Bed]
    devices: list[Device]
    gateways: list[Gateway]
    values: list[Value]
    alerts: list[Alert]
    metrics: dict[str, MetricInfo]
    break_glass: list[LookElsewhere]
    scores: list[Score]


class BedDetail(Shape):
    """One bed with its devices and newest values."""

    server_ms: int
    bed: Bed
    devices: list[Device]
    values: list[Value]
    scores: list[Score]


class Trend(Shape):
    """A metric over time in equal steps; null where nothing was measured."""

    unit: str
    t_ms: list[int]
    min: list[float | None]
    max: list[float | None]
    mean: list[float | None]


class Trends(Shape):
    """Trends by metric."""

    metrics: dict[str, Trend]
    not_theirs: list[NotTheirs]


class WaveRun(Shape):
    """Samples without a gap: value i was measured at at_ms + i × 1000 / rate_hz."""

    device: str
    at_ms: float = Field(description="time of the first sample, to the microsecond")
    rate_hz: float
    samples: str = Field(description="base64 of int16, little-endian: × scale + offset; -32768: none")
    scale: float
    offset: float
    quality: list[str]


class WaveHistory(Shape):
    """A waveform in order of time; where no run is, nothing was measured, or it is no longer kept."""

    unit: str
    runs: list[WaveRun]


class Waveforms(Shape):
    """Waveforms by metric."""

    metrics: dict[str, WaveHistory]


class WardList(Shape):
    """All wards."""

    wards: list[Ward]


class DeviceList(Shape):
    """All devices."""

    server_ms: int
    devices: list[Device]


class GatewayList(Shape):
    """All gateways."""

    server_ms: int
    gateways: list[Gateway]


class Document(RootModel[dict[str, Any]]):
    """A JSON object that is described elsewhere."""
