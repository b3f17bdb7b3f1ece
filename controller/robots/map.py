"""The map that the hospital's robots drive on: places, ways between them, lifts, doors; from TOML or JSON.

name = "Hospital"
radius_m = 0.4                    # of the largest robot, with what it carries
[[nodes]]
id = "W1"
x = 0.0                           # metres, in the floor's own system of coordinates
y = 0.0
map = "ground"                    # the floor: VDA 5050 `mapId`
kind = "way"                      # station, charger, park: robots rest there; lift; door-side
parameters = { stationType = "table" }    # of pick, drop, startCharging there, if its robots want any
[[edges]]
id = "W1-W2"
from = "W1"
to = "W2"
both = true                       # false: only from `from` to `to`
speed = 1.0                       # m/s at most
width = "normal"                  # narrow, wide: which robots fit
kind = "way"                      # lift (needs `length`), door (needs `door`)
rest = "21:00-06:00"              # nobody drives here while the ward sleeps

hospital = load(Path("map.toml"))           # raises BadMap: every problem, each with its remedy
"""

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from controller.errors import BadMap
from controller.robots.checks import problems
from controller.robots.places import HospitalMap


def demo() -> HospitalMap:
    """A small hospital: pharmacy, laboratory, two wards on two floors, one lift, a fire door, chargers."""
    return parse(files("controller.robots").joinpath("demo.toml").read_text("utf-8"), "demo.toml")


def load(path: Path) -> HospitalMap:
    """The map in a file named *.toml or *.json. Raises BadMap."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise BadMap(f"{path}: cannot be read ({error.strerror}): give the path of a map") from error
    except UnicodeDecodeError as error:
        raise BadMap(f"{path}: not a text in UTF-8: {error.reason}") from error


def parse(text: str, name: str) -> HospitalMap:
    """The map in a text: JSON if `name` ends in .json, else TOML. Raises BadMap."""
    try:
        hospital = HospitalMap.model_validate(_raw(text, name))
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadMap(f"{name}: neither TOML nor, if it ends in .json, JSON: {error}") from error
    except ValidationError as error:
        lines = [f"{name}: {_problem(item)}" for item in error.errors(include_url=False)]
        raise BadMap("\n".join(lines)) from None
    if found := problems(hospital):
        raise BadMap("\n".join(f"{name}: {problem}" for problem in found))
    return hospital


def _raw(text: str, name: str) -> Any:
    return json.loads(text) if name.endswith(".json") else tomllib.loads(text)


def _problem(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "value_error" or not error["loc"]:
        return message
    return f"{'.'.join(map(str, error['loc']))}: {message}; got {error['input']!r:.60}: correct it"
