"""A database with two provisioned gateways, and an authority."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.identity.authority import Authority, new_authority
from controller.store import connect
from controller.store.migrate import migrate

NOW_S = 1_800_000_000
NOW = datetime.fromtimestamp(NOW_S, UTC)


@pytest.fixture
def authority() -> Authority:
    """Made at NOW."""
    return new_authority(NOW)[0]


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """As the store's writer has it: ward-a and ward-b are provisioned, ward-z was only heard of."""
    db = connect(Path(":memory:"))
    migrate(db)
    for gateway, provisioned in (("ward-a", 1), ("ward-b", 1), ("ward-z", 0)):
        db.execute(
            "INSERT INTO gateway (id, name, added_ms, provisioned) VALUES (?, ?, 0, ?)",
            (gateway, gateway, provisioned),
        )
    yield db
    db.close()


def trail(db: sqlite3.Connection) -> list[str]:
    """The audit trail: action, outcome and the refusal's code, in order."""
    rows = db.execute(
        "SELECT action, entry ->> '$.outcome', entry ->> '$.detail.code' FROM audit ORDER BY number"
    )
    return [" ".join(filter(None, row)) for row in rows]
