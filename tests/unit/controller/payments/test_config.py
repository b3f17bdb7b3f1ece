"""`[payments]`: who takes them, or nobody."""

from pathlib import Path

import pytest

from controller.config import Config, load
from controller.errors import ConfigError

SECTION = """[payments]
url = "https://pay.example/api"
merchant = "hospital"
secret_file = "payments-secret"
currency = "EUR"
"""


def written(folder: Path, text: str) -> Config:
    file = folder / "controller.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_without_the_section_nobody_pays_here(tmp_path: Path) -> None:
    assert written(tmp_path, "").payments is None


def test_the_secret_is_a_file_beside_the_configuration(tmp_path: Path) -> None:
    held = written(tmp_path, SECTION).payments
    assert held
    assert held.secret_file == tmp_path / "payments-secret"


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("https://", "http://", "payments.url: expected an https address"),
        ('"EUR"', '"euro"', "payments.currency"),
        ("secret_file", "secret", "payments.secret"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(tmp_path: Path, was: str, now: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        written(tmp_path, SECTION.replace(was, now))
    assert told in str(refused.value)
