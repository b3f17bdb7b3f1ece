"""What answers about the audit trail look like. Times `utc_ms` are UTC."""

from typing import Literal

from pydantic import Field

from controller.api.schemas import Shape


class AuditEntry(Shape):
    """One line of the trail: who, what, to what, whose, when, from where, why."""

    number: int
    utc_ms: int
    action: str
    actor: str
    entity: str
    outcome: Literal["done", "refused", "failed"]
    patient: str | None
    where: str = Field(description="network address; empty: the controller's own machine")
    why: str
    detail: dict[str, str | int]
    hash: str = Field(description="SHA-256 over this entry and the hash before it, hexadecimal")


class AuditFound(Shape):
    """Entries, newest first."""

    entries: list[AuditEntry]
    next: int | None = Field(description="`before` for the next page; null: this is the last")


class AuditFault(Shape):
    """One thing that is wrong with the trail."""

    kind: Literal["edited", "missing", "cut", "head", "schema", "index"]
    number: int | None
    message: str


class AuditVerification(Shape):
    """Whether the trail is what was written, as of `as_of_ms`; all null until the first look has ended."""

    server_ms: int
    as_of_ms: int | None
    whole: bool | None
    entries: int | None
    heads: int | None = Field(description="published heads that agree with the trail")
    last_head_utc_ms: int | None = Field(description="when the newest of them was published")
    fault_count: int | None
    faults: list[AuditFault]
