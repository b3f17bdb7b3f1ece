"""The configuration file: TOML, every key with a default, checked whole before anything starts.

[controller]
id = "hospital"
names = ["wardlink.hospital.example"]   # hosts and addresses by which gateways reach it
data = "controller-data"          # relative to the file
[http]
host = "127.0.0.1"                # any other: with TLS, by the certificate of the authority
port = 8080                       # busy: the next free one; 0: any
[mqtt]                            # TLS, for gateways with a certificate
host = "127.0.0.1"
port = 8883
url = "mqtts://broker.hospital.example:8883"   # the hospital's own mosquitto, instead of ours there
[est]                             # TLS: where gateways get and renew their certificates
host = "127.0.0.1"
port = 8443
[discovery]
interfaces = ["127.0.0.1"]        # addresses that it is announced on; none: []
[history]                         # days, since arrival, of the controller's running; alerts, events: for ever
waveform_days = 7
reading_days = 90                 # each reading; minimum, maximum, mean of a minute:
rollup_days = 3650
[audit]
heads = "audit"                   # folder of published heads, relative to the file: another disk is better;
                                  # without: inside `data`
syslog = "logs.hospital.example:6514"   # who gets the trail by syslog over TLS; without: nobody
syslog_ca = "logs-ca.pem"         # whom its certificate must be from; without: the system's authorities
[login]
address = "https://wardlink.hospital.example"  # as browsers name it; without: http://localhost:PORT
[login.lock_minutes]              # without a touch, until a screen locks; 0: never
nurse = 5
[arrivals]                        # where ambulances arrive; without: no distance and no time of arrival
name = "Hospital"
latitude = 52.5                   # degrees, WGS 84; north and east are positive
longitude = 13.4
map = "streets.geojson"           # streets and traffic lights, relative to the file; without: none are drawn
priority = "siren"                # whose priority the city is asked for: with the siren on, "always", "never"
[oidc]                            # without this section nobody logs in by an identity provider
issuer = "https://login.hospital.example"      # exactly as the provider writes it
client_id = "wardlink"            # there; its redirect URI is [login] address + "/oidc/callback"
secret_file = "oidc-secret"       # relative to the file; its owner's alone (mode 0600)
name = "Hospital login"           # on the button
unknown = "refuse"                # whose groups give no role; "create": an account without roles
[oidc.roles]                      # groups that give a role; likewise [oidc.wards]
nurse = ["ward-staff"]

config = load(Path("controller.toml"))     # raises ConfigError: file, key, expected, came, remedy
"""

import tomllib
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from controller.errors import ConfigError
from controller.security.permissions import Role
from devices.errors import BadIdentity
from devices.model.identity import gateway_id


def _name(text: str) -> str:
    try:
        return gateway_id(text)
    except BadIdentity as error:
        raise ValueError(str(error).replace("gateway", "controller")) from error


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ControllerSection(_Section):
    """`[controller]`: its name, those of its host, and the folder of everything it keeps."""

    names: list[str] = []
    id: Annotated[str, AfterValidator(_name)] = "controller"
    data: Annotated[Path, Field(strict=False)] = Path("controller-data")


class ListenSection(_Section):
    """`[http]`, `[mqtt]`, `[est]`: where to listen. A busy port is told, and the next free one taken."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)]

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def is_anywhere(self) -> bool:
        """Whether it is every address of this machine, hence none that could be told to others."""
        return self.host in ("0.0.0.0", "::")


def _broker_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "mqtts" or not parts.hostname or parts.path or parts.query or parts.username:
        raise ValueError("expected mqtts://HOST or mqtts://HOST:PORT")
    port = parts.port or 8883  # raises ValueError
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"mqtts://{host}:{port}"


class MqttSection(ListenSection):
    """`[mqtt]`: where our own broker listens, or where the hospital's is."""

    url: Annotated[str, AfterValidator(_broker_url)] | None = None

    @model_validator(mode="after")
    def _one_broker(self) -> Self:
        if self.url is not None and "host" in self.model_fields_set:
            raise ValueError("expected url or host, got both: host is where our own broker would listen")
        return self


class DiscoverySection(_Section):
    """`[discovery]`: the addresses of the interfaces on which gateways can find this controller."""

    interfaces: list[str] = ["127.0.0.1"]


Days = Annotated[int, Field(ge=1, le=36_500)]


class HistorySection(_Section):
    """`[history]`: for how many days after they arrived records are kept; what is dropped is recorded."""

    waveform_days: Days = 7
    reading_days: Days = 90
    rollup_days: Days = 3650


def _address(text: str) -> str:
    parts = urlsplit(text)
    loopback = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    if not parts.hostname or not (parts.scheme == "https" or loopback) or parts.query or parts.fragment:
        raise ValueError("expected an https address (http for localhost only)")
    return text


def _origin(text: str) -> str:
    parts = urlsplit(_address(text))
    if parts.path not in ("", "/"):
        raise ValueError("expected an address without a path")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _host_and_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("expected HOST:PORT")
    return text


class AuditSection(_Section):
    """`[audit]`: where published heads of the audit trail are written, and who gets the trail by syslog."""

    heads: Annotated[Path | None, Field(strict=False)] = None
    syslog: Annotated[str, AfterValidator(_host_and_port)] | None = None
    syslog_ca: Annotated[Path | None, Field(strict=False)] = None


class LoginSection(_Section):
    """`[login]`: the address under which browsers reach the pages: the origin that passkeys are bound to."""

    address: Annotated[str, AfterValidator(_origin)] | None = None
    lock_minutes: dict[Annotated[Role, Field(strict=False)], Annotated[int, Field(ge=0, le=1440)]] = {}
    """Minutes without a touch until the screen locks, by role; 0: never. Of others: security/limits.py."""


class ArrivalsSection(_Section):
    """`[arrivals]`: where vehicles arrive, in degrees (WGS 84); the streets; who asks for green lights."""

    name: Annotated[str, Field(min_length=1, max_length=60)] = "Hospital"
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    map: Annotated[Path | None, Field(strict=False)] = None
    priority: Literal["siren", "always", "never"] = "siren"


class OidcSection(_Section):
    """`[oidc]`: the hospital's identity provider (controller/security/oidc/)."""

    issuer: Annotated[str, AfterValidator(_address)]
    client_id: Annotated[str, Field(min_length=1)]
    secret_file: Annotated[Path, Field(strict=False)]
    name: str = "Hospital login"
    scopes: list[str] = ["openid", "profile"]
    name_claim: str = "preferred_username"
    groups_claim: str = "groups"
    unknown: Literal["refuse", "create"] = "refuse"
    roles: dict[Annotated[Role, Field(strict=False)], list[str]] = {}
    wards: dict[str, list[str]] = {}


class Config(_Section):
    """The whole file."""

    controller: ControllerSection = ControllerSection()
    http: ListenSection = ListenSection(port=8080)
    mqtt: MqttSection = MqttSection(port=8883)
    est: ListenSection = ListenSection(port=8443)
    discovery: DiscoverySection = DiscoverySection()
    history: HistorySection = HistorySection()
    audit: AuditSection = AuditSection()
    login: LoginSection = LoginSection()
    arrivals: ArrivalsSection | None = None
    oidc: OidcSection | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not self.controller.names and (self.mqtt.is_anywhere or self.est.is_anywhere):
            raise ValueError(
                "a host that is every address needs a name that gateways know: add "
                'names = ["wardlink.hospital.example"] to [controller]'
            )
        return self

    @property
    def data(self) -> Path:
        """The folder of everything the controller keeps."""
        return self.controller.data

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.data / "wardlink.sqlite"


def load(path: Path | None) -> Config:
    """The configuration in `path` (None: the defaults, in the current folder). Raises ConfigError."""
    if path is None:
        return _based(Config(), Path.cwd())
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        for name, port in (("http", 8080), ("mqtt", 8883), ("est", 8443)):
            if isinstance(section := raw.get(name), dict):
                section.setdefault("port", port)
        return _based(Config.model_validate(raw), path.absolute().parent)
    except OSError as error:
        hint = "give the path of a TOML file"
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): {hint}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        problems = [f"{path}: {_problem(item)}" for item in error.errors(include_url=False)]
        raise ConfigError("\n".join(problems)) from None


def _based(config: Config, folder: Path) -> Config:
    section = config.controller.model_copy(update={"data": folder / config.controller.data})
    oidc = config.oidc and config.oidc.model_copy(update={"secret_file": folder / config.oidc.secret_file})
    audit = {name: folder / path for name, path in config.audit if isinstance(path, Path)}
    arrivals = config.arrivals
    if arrivals and arrivals.map:
        arrivals = arrivals.model_copy(update={"map": folder / arrivals.map})
    others = {"oidc": oidc, "audit": config.audit.model_copy(update=audit), "arrivals": arrivals}
    sections = {"controller": section, **others}
    return config.model_copy(update=sections)


def _problem(error: ErrorDetails) -> str:
    if not error["loc"]:
        return error["msg"].removeprefix("Value error, ")  # of the file as a whole
    *path, last = error["loc"]
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = _keys([str(part) for part in path])
        near = get_close_matches(str(last), known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"take it out; known are {', '.join(known)}"
        return f"{key}: unknown key; {hint}"
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    return f"{key}: {message}; got {error['input']!r:.60}: correct it"


def _keys(path: list[str]) -> list[str]:
    fields: dict[str, FieldInfo] = Config.model_fields
    for part in path:
        kinds = get_args(fields[part].annotation) or (fields[part].annotation,)
        section = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
        fields = section.model_fields if section else {}
    return list(fields)
