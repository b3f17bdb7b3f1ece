"""The configuration file: TOML, checked whole before anything starts.

config = load(Path("ward-a.toml"))     # raises ConfigError: file, key, expected, came, remedy
"""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from devices.errors import DevicesError
from devices.model.alarm_limits import PatientClass
from devices.model.identity import device_id, gateway_id, location_id
from devices.profiles import BleBroadcast, BleLink, SerialLink, TcpLink, UdpLink, profile, profiles
from devices.wire.topics import LANES
from gateway.crew.config import CrewConfig
from gateway.errors import ConfigError
from gateway.links.network import endpoint
from gateway.mec.config import MecConfig
from gateway.quality.config import QualityConfig


def _known_profile(name: str) -> str:
    known = profiles()
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no such device profile{hint} There are: {', '.join(known)}")
    return name


def _mqtt_address(text: str) -> str:
    wanted = "expected mqtts://HOST or mqtts://HOST:PORT, the port 0-65535"
    try:
        parts = urlsplit(text)
        port = parts.port or 8883
    except ValueError as error:
        raise ValueError(wanted) from error
    if parts.scheme != "mqtts" or not parts.hostname or parts.path or parts.username:
        raise ValueError(wanted)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"mqtts://{host}:{port}"


def _name(check: Any) -> AfterValidator:
    def checked(text: str) -> str:
        try:
            return check(text)
        except DevicesError as error:
            raise ValueError(str(error)) from error

    return AfterValidator(checked)


MqttAddress = Annotated[str, AfterValidator(_mqtt_address)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class GatewayConfig(_Section):
    """`[gateway]`. `data` is the folder of everything the gateway keeps."""

    id: Annotated[str, _name(gateway_id)]
    data: Annotated[Path, Field(strict=False)] = Path("gateway-data")


class LaneConfig(_Section):
    """`[controller.lanes.NAME]`: another address for this lane, and the DSCP (RFC 2474) of its packets."""

    address: MqttAddress | None = None
    dscp: Annotated[int, Field(ge=0, le=63)] = 0


class LanesConfig(_Section):
    """`[controller.lanes]`. Alerts are marked EF, vital signs AF41, the others best effort and CS1."""

    alert: LaneConfig = LaneConfig(dscp=46)
    vital: LaneConfig = LaneConfig(dscp=34)
    wave: LaneConfig = LaneConfig(dscp=0)
    bulk: LaneConfig = LaneConfig(dscp=8)

    def of(self, lane: int) -> LaneConfig:
        """The lane with this number."""
        return getattr(self, LANES[lane])


class ControllerConfig(_Section):
    """`[controller]`. Without `address` it is where the claim said, or looked for in the local network.

    `claim`: a file with the claim by which a box that is not enrolled yet enrols when it starts.
    `mptcp`: use several uplinks at once, those that `ip mptcp endpoint` names (RFC 8684).
    `shape_kbit`: 1000 bit/s, a little less than the uplink carries: what leaves by it is shaped to that
    (`gateway.shaping`).
    """

    address: MqttAddress | None = None
    mptcp: bool = False
    shape_kbit: Annotated[int, Field(ge=16, le=1_000_000)] | None = None
    claim: Annotated[Path | None, Field(strict=False)] = None
    lanes: LanesConfig = LanesConfig()


class JournalConfig(_Section):
    """`[journal]`. `quota_mb`: the disk space, in units of 10^6 bytes, above which blocks are shed."""

    quota_mb: Annotated[float, Field(gt=0, strict=False)] = 512


class DeviceConfig(_Section):
    """One `[[device]]`. A serial profile needs `port`, every other one `address`.

    A node of ours may be at an MQTT broker instead of a port: `broker` is mqtts://HOST or mqtts://HOST:PORT,
    `node` its name in topics, `credentials` the file that `gateway.links.mqtt` reads.

    On a network that is the device's HOST or HOST:PORT, or, for a device that connects to the gateway, where
    to listen for it; `peer` is then the only address that may connect.
    """

    id: Annotated[str, _name(device_id)]
    profile: Annotated[str, AfterValidator(_known_profile)]
    bed: Annotated[str, _name(location_id)] | None = None
    port: str | None = None
    address: str | None = None
    peer: str | None = None
    broker: MqttAddress | None = None
    node: Annotated[str, _name(device_id)] | None = None
    credentials: Annotated[Path | None, Field(strict=False)] = None

    def placed(self, folder: Path) -> Self:
        """With the path of `credentials` beginning at `folder`."""
        return self.model_copy(update={"credentials": self.credentials and folder / self.credentials})

    @model_validator(mode="after")
    def _has_what_its_link_needs(self) -> Self:
        match profile(self.profile).link:
            case SerialLink(over_mqtt=True) if self.broker and not self.port:
                if not (self.node and self.credentials):
                    raise ValueError(f'{self.id} is at a broker: add node = "NAME" and credentials = "FILE"')
            case _ if self.broker or self.node or self.credentials:
                raise ValueError(f"{self.id}: a broker is for our own nodes that measure, in place of a port")
            case SerialLink() if not self.port:
                raise ValueError(f'{self.id} is serial: add port = "/dev/serial/by-id/..."')
            case BleLink() | BleBroadcast() if not self.address:
                raise ValueError(f'{self.id} speaks BLE: add address = "AA:BB:CC:DD:EE:FF"')
            case TcpLink(listens=True, port=port) if not self.address:
                raise ValueError(f'{self.id} connects to the gateway: add address = "127.0.0.1:{port}"')
            case TcpLink(port=port) | UdpLink(port=port) if not self.address:
                raise ValueError(f'{self.id} is on the network: add address = "HOST:{port}"')
            case TcpLink() | UdpLink() as link:
                endpoint(self.address or "", link.port)
            case _:
                pass
        return self


class AlarmsConfig(_Section):
    """`[alarms]`. For whom the limits of alarms are: `patients` here, and other ones in `beds`."""

    patients: Annotated[PatientClass, Field(strict=False)] = PatientClass.ADULT
    beds: dict[Annotated[str, _name(location_id)], Annotated[PatientClass, Field(strict=False)]] = {}


class Config(_Section):
    """The whole file."""

    gateway: GatewayConfig
    controller: ControllerConfig = ControllerConfig()
    journal: JournalConfig = JournalConfig()
    alarms: AlarmsConfig = AlarmsConfig()
    quality: QualityConfig | None = None
    mec: MecConfig | None = None
    crew: CrewConfig | None = None
    devices: Annotated[list[DeviceConfig], Field(alias="device")] = []

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
        nodes = [(device.broker, device.node) for device in self.devices if device.broker]
        if len(set(nodes)) < len(nodes):
            raise ValueError("two devices are the same node at the same broker: each would lose the other's")
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
