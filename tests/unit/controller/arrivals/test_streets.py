"""The map of a site: what is taken from its GeoJSON, and what is refused by its place in it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from controller.arrivals.globe import Point
from controller.arrivals.streets import LARGEST, Approach, Line, StreetMap, parse_map, read_map
from controller.errors import ConfigError


def feature(kind: str, shape: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": kind, **properties},
        "geometry": {"type": shape, "coordinates": coordinates},
    }


STREET = feature("street", "LineString", [[13.4, 52.5], [13.41, 52.5]], name="Long Street")
LIGHTS = feature("approach", "Point", [13.41, 52.5], intersection=7, approach=2, heading=90)


def written(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_streets_and_approaches_are_taken_and_longitude_comes_first() -> None:
    assert parse_map(written(STREET, LIGHTS)) == StreetMap(
        (Line("street", "Long Street", (Point(52.5, 13.4), Point(52.5, 13.41))),),
        (Approach(0, 7, 2, 90.0, "", Point(52.5, 13.41)),),
    )


def test_what_is_neither_is_left_out() -> None:
    house = feature("building", "Polygon", [[[0, 0], [1, 0], [1, 1], [0, 0]]])
    assert parse_map(written(house, {"type": "Feature", "properties": None, "geometry": None})) == StreetMap()


def test_without_a_file_there_is_an_empty_map() -> None:
    assert read_map(None) == StreetMap()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("streets", "Invalid JSON"),
        ('{"type": "Feature"}', "FeatureCollection"),
        (written(feature("street", "LineString", [[13.4, 52.5]])), "geometry.coordinates"),
        (written(feature("street", "LineString", [[13.4, 52.5], [52.5, 130.0]])), "less than or equal to 90"),
        (written(feature("approach", "Point", [13.4, 52.5], intersection=7, approach=16, heading=0)), "15"),
        (
            written(feature("approach", "Point", [13.4, 52.5], approach=1, heading=0)),
            "properties.intersection",
        ),
        (" " * (LARGEST + 1), "at most"),
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused_and_the_place_is_named(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "streets.geojson"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"streets\.geojson") as refused:
        read_map(file)
    assert told in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.geojson: cannot be read"):
        read_map(tmp_path / "none.geojson")


@settings(max_examples=40)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda one: st.lists(one, max_size=3)))
def test_whatever_stands_there_is_a_map_or_refused(junk: Any) -> None:
    for text in (json.dumps(junk), written(junk), written({**STREET, "geometry": junk})):
        try:
            parse_map(text)
        except ValidationError as refused:
            assert refused.error_count()
