"""thingsboard-gateway 3.8.5 as it is run here: in a virtual environment of its own, with its configuration.

Everything that limits it or does other work is off (rate limits, statistics, remote configuration and shell,
logs below warnings), and the network is closed to it: it would ask for updates and install packages.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hil.errors import NotReady

VERSION = "3.8.5"
_ROOT = Path(__file__).parents[3]
VENV = _ROOT / ".venv-thingsboard"
_LOCK = _ROOT / "requirements" / "thingsboard.txt"
_QUIET = "WARNING"
_LOGGERS = ("database", "service", "connector", "converter", "tb_connection", "storage", "extension")


@dataclass(frozen=True, slots=True)
class Settings:
    """What it was told; defaults are those that its own code and its shipped configuration have."""

    name: str
    records: int = 1000
    """Messages that it reads from its storage, and writes to it, at a time."""
    workers: int = 100
    payload: int = 8196
    report: str = "ON_RECEIVED"
    mqtt: int = 5
    """Version of the connector's MQTT. Properties, of version 5, take a quarter of its processor time."""


SHIPPED = Settings("as shipped")
BEST = Settings("at its best", records=5000, workers=1, payload=65_536, report="DISABLED", mqtt=4)
"""Tried with one and ten readings a message: 1000, 3000, 5000, 10,000 and 20,000 records; 1, 2 and 100
workers; 1, 10 and 50 ms between packs; loads 1000 to 40,000 readings ahead."""


def install() -> None:
    """Make the virtual environment, unless what it was made from has not changed. Raises NotReady."""
    stamp, wanted = VENV / "installed-thingsboard", _LOCK.read_bytes()
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    uv = _ROOT / ".venv" / "bin" / "uv"
    python = VENV / "bin" / "python"
    _run([uv, "venv", "--quiet", "--clear", "--python", _ROOT / ".venv" / "bin" / "python", VENV])
    _run([uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", _LOCK])
    stamp.write_bytes(wanted)


def _run(words: list[str | Path]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReady(f"thingsboard-gateway cannot be installed: {done.stderr.strip()[-2000:]}")


def command(folder: Path) -> list[str]:
    """How the gateway of `folder` is started; nothing of it may leave this machine."""
    settings = {
        "TB_GW_CONFIG_DIR": f"{folder / 'config'}/",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "PIP_NO_INDEX": "1",
        "PYTHONPATH": "",
    }
    words = [f"{name}={value}" for name, value in settings.items()]
    return [
        "env",
        "-C",
        str(folder),
        *words,
        str(VENV / "bin" / "python"),
        "-m",
        "thingsboard_gateway.tb_gateway",
    ]


def storage(folder: Path) -> Path:
    """The database of messages that it has not delivered yet."""
    return folder / "data" / "data.db"


def configure(folder: Path, server: int, feeder: int, settings: Settings) -> None:
    """Write its configuration: ports of the server and of the feeder."""
    (folder / "config").mkdir(parents=True)
    files = {
        "tb_gateway": _gateway(folder, server, settings),
        "mqtt": _connector(feeder, settings),
        "logs": _logs(),
    }
    for name, content in files.items():
        path = folder / "config" / f"{name}.json"
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _gateway(folder: Path, server: int, settings: Settings) -> dict[str, object]:
    return {
        "thingsboard": {
            "host": "127.0.0.1",
            "port": server,
            "remoteShell": False,
            "remoteConfiguration": False,
            "statistics": {"enable": False, "enableCustom": False},
            "deviceFiltering": {"enable": False},
            "maxPayloadSizeBytes": settings.payload,
            "minPackSendDelayMS": 50,
            "handleDeviceRenaming": False,
            "syncDevicesSharedAttributesOnConnect": False,
            "checkingDeviceActivity": {"checkDeviceInactivity": False},
            "security": {"type": "accessToken", "accessToken": "bench"},
            "qos": 1,
            "reportStrategy": {"type": settings.report},
        },
        "storage": {
            "type": "sqlite",
            "data_file_path": f"{folder / 'data'}/",
            "max_read_records_count": settings.records,
            "writing_batch_size": settings.records,
            "size_limit": 1024,
            "max_db_amount": 10,
        },
        "grpc": {"enabled": False},
        "connectors": [{"type": "mqtt", "name": "ward", "configuration": "mqtt.json", "logLevel": _QUIET}],
    }


def _connector(feeder: int, settings: Settings) -> dict[str, object]:
    return {
        "name": "ward",
        "logLevel": _QUIET,
        "broker": {
            "host": "127.0.0.1",
            "port": feeder,
            "version": settings.mqtt,
            "clientId": "ward",
            "cleanSession": False,
            "cleanStart": False,
            "sessionExpiryInterval": 3600,
            "maxMessageNumberPerWorker": 10,
            "maxNumberOfWorkers": settings.workers,
            "security": {"type": "anonymous"},
        },
        "mapping": [_mapping("ward", "spo2"), _mapping("alarm", "alarm")],
    }


def _mapping(branch: str, key: str) -> dict[str, object]:
    return {
        "topicFilter": f"{branch}/+",
        "subscriptionQos": 1,
        "converter": {
            "type": "json",
            "deviceInfo": {
                "deviceNameExpressionSource": "topic",
                "deviceNameExpression": f"(?<={branch}/)(.*?)$",
                "deviceProfileExpressionSource": "constant",
                "deviceProfileExpression": "default",
            },
            "attributes": [],
            "timeseries": [{"type": "integer", "key": key, "value": f"${{{key}}}"}],
        },
    }


def _logs() -> dict[str, object]:
    quiet = {"handlers": ["console"], "level": _QUIET, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "level": 0}},
        "loggers": dict.fromkeys(_LOGGERS, quiet),
        "root": {"level": "ERROR", "handlers": ["console"]},
    }
