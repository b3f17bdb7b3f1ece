"""The slow place in the controller's configuration, and as the imaging service gets it."""

from pathlib import Path

import pytest

from controller.config import load
from controller.errors import ConfigError
from controller.imaging.child import ImagingChild
from controller.sections import ImagingSection

OBJECTS = """
[imaging.objects]
endpoint = "https://s3.example"
bucket = "images"
key_id = "wardlink"
secret_file = "s3-secret"
"""


def section(folder: Path, text: str) -> ImagingSection:
    path = folder / "controller.toml"
    path.write_text(f"[imaging]\nport = 0\n{text}", encoding="utf-8")
    found = load(path).imaging
    assert found is not None
    return found


def test_the_slow_folder_is_relative_to_the_file_and_reaches_the_service(tmp_path: Path) -> None:
    found = section(tmp_path, 'slow_folder = "nas"\nslow_after_days = 90\n')
    assert (found.slow_folder, found.slow_after_days) == (tmp_path / "nas", 90)
    settings = ImagingChild(tmp_path, found, (), tmp_path).archive_settings()
    assert (settings.slow_folder, settings.slow_after_days) == (tmp_path / "nas", 90)


def test_without_it_there_is_none(tmp_path: Path) -> None:
    settings = ImagingChild(tmp_path, section(tmp_path, ""), (), tmp_path).archive_settings()
    assert (settings.slow_folder, settings.slow_after_days) == (None, None)


@pytest.mark.parametrize(
    "text, told",
    [
        ("slow_after_days = 90\n", "expected slow_folder with slow_after_days"),
        (f'slow_folder = "nas"\n{OBJECTS}', "got both"),
        ('slow_folder = "nas"\nslow_after_days = 0\n', "slow_after_days"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        section(tmp_path, text)
