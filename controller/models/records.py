"""What a model said of each stay, as it is kept: only added to, and dropped when it is older than rollups.

await keep(store, model, said, before_ms)     # all of one look, in one transaction
await newest(store, model, "bed-1")           # of the present stay, of this version; None: nothing yet
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from controller.models.model import Model
from controller.store import Store
from devices.model.scores_chart import Parameter

_ADD = """INSERT INTO model_score (stay, at_ms, model, version, probability, why, inputs, seen)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_NEWEST = """SELECT model_score.stay, at_ms, probability, why, inputs, seen FROM stay
JOIN model_score ON model_score.stay = stay.id
WHERE stay.bed = ? AND stay.to_ms IS NULL AND version = ? ORDER BY model_score.id DESC LIMIT 1"""


class Said(NamedTuple):
    """Of a stay at `at_ms`: a probability with its `inputs`, or `why` there is none, by what is lacking."""

    stay: int
    at_ms: int
    probability: float | None
    why: Mapping[str, str]
    inputs: Sequence[float]
    seen_ms: Mapping[Parameter, int]


async def keep(store: Store, model: Model, said: Iterable[Said], before_ms: int) -> None:
    """Write it down, and drop what is from before `before_ms`. Raises StoreError."""
    rows = [
        (
            *(one.stay, one.at_ms, model.name, model.version, one.probability),
            *(json.dumps(one.why), json.dumps(list(one.inputs)), json.dumps(one.seen_ms)),
        )
        for one in said
    ]

    def work(db: sqlite3.Connection) -> None:
        db.executemany(_ADD, rows)
        db.execute("DELETE FROM model_score WHERE at_ms < ?", (before_ms,))

    await store.write(work)


async def newest(store: Store, model: Model, bed: str) -> Said | None:
    """What this version of the model said last of who lies on the bed. Raises StoreError."""
    rows = await store.read(_NEWEST, (bed, model.version))
    if not rows:
        return None
    stay, at_ms, probability, why, inputs, seen = rows[0]
    seen_ms = {Parameter(name): when for name, when in json.loads(seen).items()}
    return Said(stay, at_ms, probability, json.loads(why), json.loads(inputs), seen_ms)
