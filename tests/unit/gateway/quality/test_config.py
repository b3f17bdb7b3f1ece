"""What may stand in `[quality]`."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.gateway.quality.made import configured


def test_what_is_not_said_is_usual_and_paths_start_at_the_files_folder() -> None:
    config = configured(Path("/box"), ca="ca.pem")
    assert (config.duration_s, config.minutes_after) == (600, 15)
    assert (config.secret_file, config.ca) == (Path("/box/secret"), Path("/box/ca.pem"))
    assert configured().ca is None
    assert config.operator == "https://api.operator.example/root"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"operator": "http://api.operator.example"}, "expected https://HOST"),
        ({"operator": "https://me:secret@api.operator.example"}, "expected https://HOST"),
        ({"token_url": "https://auth.operator.example/token?secret=1"}, "expected https://HOST"),
        ({"server": "controller.hospital.example"}, "expected an IP address"),
        ({"server": "198.51.100.7:99999"}, "expected an IP address"),
        ({"phone_number": "0123456789"}, "pattern"),
        ({"qos_profile": "fast please"}, "pattern"),
        ({"duration_s": 5}, "greater than or equal to 60"),
        ({"phone_number": None}, "the operator has to know the box"),
        ({"public_address": "203.0.113.1"}, "public_address goes with"),
        ({"private_address": "10.0.0.1"}, "public_address goes with"),
        ({"ipv6_address": "203.0.113.1"}, "expected an IPv6 address"),
        ({"sink": "http://box.example"}, "expected https://HOST"),
        ({"notify": "https://box.example"}, "Extra inputs"),
    ],
)
def test_what_the_operator_would_refuse_is_refused_here(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        configured(**wrong)
