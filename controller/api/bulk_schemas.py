"""What answers about Bulk Data look like (HL7 FHIR Bulk Data Access IG 2.0.0, "Response - Complete")."""

from typing import Any

from controller.api.schemas import Shape


class BulkOutput(Shape):
    """One file of NDJSON; in `extension` its SHA-256 and its bytes."""

    type: str
    url: str
    count: int
    extension: dict[str, Any]


class BulkManifest(Shape):
    """What an export has made."""

    transactionTime: str  # noqa: N815 - the standard's names
    request: str
    requiresAccessToken: bool  # noqa: N815
    output: list[BulkOutput]
    deleted: list[BulkOutput]
    error: list[BulkOutput]
