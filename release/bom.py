"""The software bill of materials of a folder of installed packages: CycloneDX 1.6 (ECMA-424), JSON.

What the standard asks of a bill is checked by its own library in the tests.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from release.errors import ReleaseError

Json = dict[str, Any]

_LONGEST_LICENCE = 100
"""Of a licence's name; some packages put the whole text there."""


def bom(site: Path, name: str, version: str, made_s: int) -> str:
    """The bill, as JSON, of what is installed in `site`, a release that is called `name` and `version`.

    `made_s`: when it was made, UTC, seconds since 1970. The same content gives the same text. Raises
    ReleaseError when nothing is installed there.
    """
    found = sorted(distributions(path=[str(site)]), key=lambda one: one.name.lower())
    if not found:
        raise ReleaseError(f"{site}: expected installed packages, got none: install the release there first")
    root = {"type": "application", "name": name, "version": version, "bom-ref": f"{name}@{version}"}
    parts = [_component(one) for one in found]
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'wardlink/{name}/{version}/{_content(found)}')}",
        "version": 1,
        "metadata": {
            "timestamp": f"{datetime.fromtimestamp(made_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "component": root,
        },
        "components": parts,
        "dependencies": [{"ref": root["bom-ref"], "dependsOn": sorted(one["bom-ref"] for one in parts)}],
    }
    return json.dumps(bill, indent=1) + "\n"


def _component(one: Distribution) -> Json:
    url = f"pkg:pypi/{one.name.lower().replace('_', '-')}@{one.version}"
    return {
        "type": "library",
        "name": one.name,
        "version": one.version,
        "purl": url,
        "bom-ref": url,
        "hashes": [{"alg": "SHA-256", "content": _record(one)}],
        **_licences(one),
    }


def _licences(one: Distribution) -> Json:
    """As the package says it (core metadata): an SPDX expression, else a name, else a classifier."""
    said = one.metadata.json
    if expression := said.get("license_expression"):
        return {"licenses": [{"expression": str(expression)}]}
    name = str(said.get("license") or "")
    if not name or len(name) > _LONGEST_LICENCE:
        kinds = [str(kind) for kind in said.get("classifier", []) if str(kind).startswith("License")]
        name = kinds[0].rpartition(" :: ")[2] if kinds else ""
    return {"licenses": [{"license": {"name": name}}]} if name else {}


def _record(one: Distribution) -> str:
    """The SHA-256 of the package's list of its files with their hashes (PyPA, "RECORD")."""
    return hashlib.sha256((one.read_text("RECORD") or "").encode()).hexdigest()


def _content(found: Iterable[Distribution]) -> str:
    return ",".join(f"{one.name}=={one.version}:{_record(one)}" for one in found)
