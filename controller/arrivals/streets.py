"""The map of a site, from a small GeoJSON file: streets to draw, and approaches to its traffic lights.

    known = read_map(path)          # raises ConfigError: what was expected, what came
    known.lines, known.approaches

A FeatureCollection (RFC 7946): coordinates are longitude and latitude, WGS 84. Features are used by their
property `kind`; others are left out.

    LineString  kind: street, tunnel, rail or water; name (for who looks at the map with a screen reader)
    Point       kind: approach: the stop line of one way into a junction with traffic lights; region,
                intersection, approach: its numbers in SAE J2735; heading: the course in degrees in which one
                drives over it; name
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from controller.arrivals.globe import Point
from controller.errors import ConfigError

LARGEST = 2_000_000
"""Bytes of a file: every page that shows vehicles loads it."""

Kind = Literal["street", "tunnel", "rail", "water"]
_Coordinates = tuple[
    Annotated[float, Field(ge=-180, le=180)],
    Annotated[float, Field(ge=-90, le=90)],
]


@dataclass(frozen=True, slots=True)
class Line:
    """Something to draw."""

    kind: Kind
    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Approach:
    """One way into a junction with traffic lights. `point`: its stop line. `heading`: degrees from north."""

    region: int
    intersection: int
    approach: int
    heading: float
    name: str
    point: Point


@dataclass(frozen=True, slots=True)
class StreetMap:
    """What is known of the streets; nothing, if there is no file."""

    lines: tuple[Line, ...] = ()
    approaches: tuple[Approach, ...] = ()


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class _LineProperties(_Model):
    kind: Kind
    name: Annotated[str, Field(max_length=60)] = ""


class _ApproachProperties(_Model):
    """Ranges are those of RoadRegulatorID, IntersectionID and ApproachID."""

    kind: Literal["approach"]
    region: Annotated[int, Field(ge=0, le=65_535)] = 0
    intersection: Annotated[int, Field(ge=0, le=65_535)]
    approach: Annotated[int, Field(ge=0, le=15)]
    heading: Annotated[float, Field(ge=0, lt=360)]
    name: Annotated[str, Field(max_length=60)] = ""


class _LineString(_Model):
    type: Literal["LineString"]
    coordinates: Annotated[list[_Coordinates], Field(min_length=2)]


class _PointGeometry(_Model):
    type: Literal["Point"]
    coordinates: _Coordinates


class _LineFeature(_Model):
    properties: _LineProperties
    geometry: _LineString


class _ApproachFeature(_Model):
    properties: _ApproachProperties
    geometry: _PointGeometry


class _Collection(_Model):
    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]


_FEATURES: dict[str, TypeAdapter[_LineFeature] | TypeAdapter[_ApproachFeature]] = {
    **dict.fromkeys(("street", "tunnel", "rail", "water"), TypeAdapter(_LineFeature)),
    "approach": TypeAdapter(_ApproachFeature),
}


def read_map(path: Path | None) -> StreetMap:
    """The map in `path`; None: an empty one. Raises ConfigError."""
    if path is None:
        return StreetMap()
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError(f"{path}: expected at most {LARGEST} bytes: leave out what nobody drives on")
        return parse_map(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): see [arrivals] map") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected GeoJSON in UTF-8: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(
            f"{path}: {where}: {first['msg']}; got {first['input']!r:.60}: see docs/integrator.md"
        ) from None


def parse_map(text: str) -> StreetMap:
    """The map in a GeoJSON text. Raises ValidationError."""
    features = [one for raw in _Collection.model_validate_json(text).features if (one := _feature(raw))]
    return StreetMap(
        tuple(_line(one) for one in features if isinstance(one, _LineFeature)),
        tuple(_approach(one) for one in features if isinstance(one, _ApproachFeature)),
    )


def _feature(raw: dict[str, Any]) -> _LineFeature | _ApproachFeature | None:
    properties: Any = raw.get("properties")
    kind: Any = properties.get("kind") if isinstance(properties, dict) else None
    known = _FEATURES.get(kind) if isinstance(kind, str) else None
    return known.validate_python(raw) if known else None


def _line(one: _LineFeature) -> Line:
    return Line(one.properties.kind, one.properties.name, _points(one.geometry.coordinates))


def _approach(one: _ApproachFeature) -> Approach:
    about, [point] = one.properties, _points([one.geometry.coordinates])
    return Approach(about.region, about.intersection, about.approach, about.heading, about.name, point)


def _points(coordinates: Sequence[tuple[float, float]]) -> tuple[Point, ...]:
    return tuple(Point(latitude, longitude) for longitude, latitude in coordinates)
