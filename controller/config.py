"""The configuration file: TOML, every key with a default, checked whole before anything starts.

[controller]
id = "hospital"
data = "controller-data"          # relative to the file
[http]
host = "127.0.0.1"
port = 8080                       # busy: the next free one; 0: any
[mqtt]
host = "127.0.0.1"
port = 1883
[discovery]
interfaces = ["127.0.0.1"]        # addresses that it is announced on; none: []
[history]                         # days, since arrival, of the controller's running; alerts, events: for ever
waveform_days = 7
reading_days = 90                 # each reading; minimum, maximum, mean of a minute:
rollup_days = 3650

config = load(Path("controller.toml"))     # raises ConfigError: file, key, expected, came, remedy
"""

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from controller.errors import ConfigError
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
    """`[controller]`: its name, and the folder of everything it keeps."""

    id: Annotated[str, AfterValidator(_name)] = "controller"
    data: Annotated[Path, Field(strict=False)] = Path("controller-data")


class ListenSection(_Section):
    """`[http]`, `[mqtt]`: where to listen. A busy port is named in the log and the next free one taken."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)]


class DiscoverySection(_Section):
    """`[discovery]`: the addresses of the interfaces on which gateways can find this controller."""

    interfaces: list[str] = ["127.0.0.1"]


Days = Annotated[int, Field(ge=1, le=36_500)]


class HistorySection(_Section):
    """`[history]`: for how many days after they arrived records are kept; what is dropped is recorded."""

    waveform_days: Days = 7
    reading_days: Days = 90
    rollup_days: Days = 3650


class Config(_Section):
    """The whole file."""

    controller: ControllerSection = ControllerSection()
    http: ListenSection = ListenSection(port=8080)
    mqtt: ListenSection = ListenSection(port=1883)
    discovery: DiscoverySection = DiscoverySection()
    history: HistorySection = HistorySection()

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
        for name, port in (("http", 8080), ("mqtt", 1883)):
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
    return config.model_copy(update={"controller": section})


def _problem(error: ErrorDetails) -> str:
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
        section = fields[part].annotation
        fields = section.model_fields if isinstance(section, type) and issubclass(section, BaseModel) else {}
    return list(fields)
