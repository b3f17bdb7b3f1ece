"""`[mec]` of a gateway's configuration."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config import load
from gateway.mec.config import MecConfig

GIVEN: dict[str, Any] = {
    "platform": "https://mec.operator.example/root/",
    "token_url": "https://auth.operator.example/token",
    "client_id": "ambulance 7",
    "secret_file": "secret",
}


def test_its_paths_start_at_the_files_folder_and_the_rest_has_defaults(tmp_path: Path) -> None:
    lines = "\n".join(f'{name} = "{value}"' for name, value in GIVEN.items())
    path = tmp_path / "box.toml"
    path.write_text(f'[gateway]\nid = "amb-1"\n[mec]\n{lines}\nca = "roots.pem"\n', encoding="utf-8")
    mec = load(path).mec
    assert mec
    assert (mec.secret_file, mec.ca) == (tmp_path / "secret", tmp_path / "roots.pem")
    assert (mec.platform, mec.service) == ("https://mec.operator.example/root", "wardlink-controller")
    assert mec.every_s == 60


def test_without_it_nobody_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "box.toml"
    path.write_text('[gateway]\nid = "amb-1"\n', encoding="utf-8")
    assert load(path).mec is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"platform": "http://mec.operator.example"}, "expected https://HOST"),
        ({"every_s": 1}, "greater than or equal to 5"),
        ({"service": ""}, "at least 1 character"),
        ({"secret": "abc"}, "Extra inputs"),
    ],
)
def test_what_cannot_be_asked_is_refused_here(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        MecConfig.model_validate(GIVEN | wrong)
