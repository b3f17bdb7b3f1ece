"""`[arrivals]`: where the hospital is, or nothing."""

from pathlib import Path

import pytest

from controller.config import Config, load
from controller.errors import ConfigError


def written(folder: Path, text: str) -> Config:
    file = folder / "controller.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_without_the_section_it_is_not_known_where_vehicles_arrive(tmp_path: Path) -> None:
    assert written(tmp_path, "").arrivals is None


def test_whole_degrees_are_degrees_too(tmp_path: Path) -> None:
    held = written(tmp_path, '[arrivals]\nname = "General"\nlatitude = 52\nlongitude = -13.4').arrivals
    assert held
    assert (held.name, held.latitude, held.longitude) == ("General", 52.0, -13.4)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("latitude = 52.5", "arrivals.longitude: Field required"),
        ("latitude = 91\nlongitude = 0", "arrivals.latitude: expected less than or equal to 90"),
        ("latitude = 0\nlongitude = nan", "arrivals.longitude: expected a finite number"),
        ("latitude = 0\nlongitude = 0\nlattitude = 1", "did you mean 'latitude'?"),
    ],
)
def test_a_place_that_is_none_is_refused_by_its_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        written(tmp_path, f"[arrivals]\n{text}")
    assert told in str(refused.value)
