"""A gateway's configuration of the quality, as a customer of some operator."""

from pathlib import Path
from typing import Any

from gateway.quality.config import QualityConfig

GIVEN: dict[str, Any] = {
    "operator": "https://api.operator.example/root/",
    "token_url": "https://auth.operator.example/token",
    "client_id": "ambulance 7",
    "secret_file": "secret",
    "qos_profile": "QOS_L",
    "server": "198.51.100.7:8883",
    "phone_number": "+123456789",
}


def configured(folder: Path = Path("/etc/wardlink"), **changes: object) -> QualityConfig:
    given = {name: value for name, value in {**GIVEN, **changes}.items() if value is not None}
    return QualityConfig.model_validate(given).placed(folder)
