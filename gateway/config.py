"""The configuration file: TOML, checked whole before anything starts.

config = load(Path("ward-a.toml"))     # raises ConfigError: file, key, expected, came, remedy
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from devices.model.alarm_limits import PatientClass
from devices.model.identity import gateway_id, location_id
from devices.wire.topics import LANES
from gateway.crew.config import CrewConfig
from gateway.device_config import DeviceConfig, MqttAddresses, Section, named
from gateway.errors import ConfigError
from gateway.mec.config import MecConfig
from gateway.metrics.config import MetricsConfig
from gateway.quality.config import QualityConfig
from host.tracing import TracingSection

_Classes = dict[Annotated[str, named(location_id)], Annotated[PatientClass, Field(strict=False)]]


class GatewayConfig(Section):
    """`[gateway]`. `data` is the folder of everything the gateway keeps."""

    id: Annotated[str, named(gateway_id)]
    data: Annotated[Path, Field(strict=False)] = Path("gateway-data")


class LaneConfig(Section):
    """`[controller.lanes.NAME]`: another address for this lane, and the DSCP (RFC 2474) of its packets."""

    address: MqttAddresses = ()
    dscp: Annotated[int, Field(ge=0, le=63)] = 0


class LanesConfig(Section):
    """`[controller.lanes]`. Alerts are marked EF, vital signs AF41, the others best effort and CS1."""

    alert: LaneConfig = LaneConfig(dscp=46)
    vital: LaneConfig = LaneConfig(dscp=34)
    wave: LaneConfig = LaneConfig(dscp=0)
    bulk: LaneConfig = LaneConfig(dscp=8)

    def of(self, lane: int) -> LaneConfig:
        """The lane with this number."""
        return getattr(self, LANES[lane])


class ControllerConfig(Section):
    """`[controller]`. Without `address` it is where the claim said, or looked for in the local network; a
    list has several brokers of one controller.

    `claim`: a file with the claim by which a box that is not enrolled yet enrols when it starts.
    `mptcp`: use several uplinks at once, those that `ip mptcp endpoint` names (RFC 8684).
    `shape_kbit`: 1000 bit/s, a little less than the uplink carries: what leaves by it is shaped to that
    (`gateway.shaping`).
    """

    address: MqttAddresses = ()
    mptcp: bool = False
    shape_kbit: Annotated[int, Field(ge=16, le=1_000_000)] | None = None
    claim: Annotated[Path | None, Field(strict=False)] = None
    lanes: LanesConfig = LanesConfig()


class JournalConfig(Section):
    """`[journal]`. `quota_mb`: the disk space, in units of 10^6 bytes, above which blocks are shed."""

    quota_mb: Annotated[float, Field(gt=0, strict=False)] = 512


class BoxConfig(Section):
    """`[alarms.boxes.PLACE]`: the cooled box that is this place is alarmed of below and above, °C."""

    low: Annotated[Decimal, Field(strict=False, allow_inf_nan=False)]
    high: Annotated[Decimal, Field(strict=False, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _is_range(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"expected low below high, got {self.low} and {self.high}")
        return self


class AlarmsConfig(Section):
    """`[alarms]`. For whom the limits of alarms are: `patients` here, other ones in `beds`; `boxes` hold
    medicines and no patients."""

    patients: Annotated[PatientClass, Field(strict=False)] = PatientClass.ADULT
    beds: _Classes = Field(default_factory=dict)
    boxes: dict[Annotated[str, named(location_id)], BoxConfig] = Field(default_factory=dict)


class Config(Section):
    """The whole file."""

    gateway: GatewayConfig
    controller: ControllerConfig = ControllerConfig()
    journal: JournalConfig = JournalConfig()
    alarms: AlarmsConfig = AlarmsConfig()
    quality: QualityConfig | None = None
    mec: MecConfig | None = None
    crew: CrewConfig | None = None
    metrics: MetricsConfig | None = None
    tracing: TracingSection | None = None
    devices: Annotated[list[DeviceConfig], Field(alias="device")] = Field(default_factory=list)

    @property
    def vehicle(self) -> str:
        """The bed that is this gateway's vehicle; "": it is in none."""
        return "" if self.crew is None else self.crew.vehicle

    @model_validator(mode="after")
    def _every_device_once(self) -> Self:
        ids = [device.id for device in self.devices]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"device id {twice[0]!r} is used twice: give every device a name of its own")
        nodes = [(device.broker, device.node, device.address) for device in self.devices if device.broker]
        if len(set(nodes)) < len(nodes):
            raise ValueError(
                "two devices are the same node or robot at one broker: each would lose the other's"
            )
        return self


def load(path: Path) -> Config:
    """The configuration in `path`; relative paths in it start at its folder. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
        config = Config.model_validate(tomllib.loads(text))
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}): give the path of a TOML file"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        problems = [f"{path}: {_problem(item)}" for item in error.errors(include_url=False)]
        raise ConfigError("\n".join(problems)) from None
    folder = path.absolute().parent
    gateway = config.gateway.model_copy(update={"data": folder / config.gateway.data})
    claim = None if config.controller.claim is None else folder / config.controller.claim
    controller = config.controller.model_copy(update={"claim": claim})
    apis = {"quality": config.quality, "mec": config.mec}
    devices = [one.placed(folder) for one in config.devices]
    placed = {name: each and each.placed(folder) for name, each in apis.items()}
    parts = {"gateway": gateway, "controller": controller, "devices": devices, **placed}
    return config.model_copy(update=parts)


def _problem(error: ErrorDetails) -> str:
    key = _spelled(error["loc"])
    match error["type"]:
        case "extra_forbidden":
            near = get_close_matches(str(error["loc"][-1]), _keys_at(error["loc"][:-1]), 1)
            hint = f"did you mean {near[0]!r}?" if near else f"take it out; known are {_listed(error['loc'])}"
            return f"{key}: unknown key; {hint}"
        case "missing":
            return f"{key}: missing; add it"
        case "value_error":
            message = str(error["ctx"]["error"]) if "ctx" in error else error["msg"]
            return f"{key}: {message}" + _came(error["input"])
        case _:
            message = error["msg"].removeprefix("Input should be ")
            return f"{key}: expected {message}" + _came(error["input"])


def _came(value: object) -> str:
    return "" if isinstance(value, Mapping) else f"; got {value!r:.60}"


def _spelled(loc: tuple[int | str, ...]) -> str:
    """`device[2].profile`: devices are counted from 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc)[1:] or "file"


def _listed(loc: tuple[int | str, ...]) -> str:
    return ", ".join(_keys_at(loc[:-1]))


def _keys_at(loc: tuple[int | str, ...]) -> list[str]:
    section: type[BaseModel] = Config
    for part in loc:
        if isinstance(part, str):
            section = _inner({_key(name, f): f.annotation for name, f in section.model_fields.items()}[part])
    return [_key(name, field) for name, field in section.model_fields.items()]


def _key(name: str, field: Any) -> str:
    return field.alias or name


def _inner(annotation: Any) -> type[BaseModel]:
    """The section in `X`, `list[X]` or `X | None`."""
    return next(
        kind
        for kind in (*get_args(annotation), annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel)
    )
