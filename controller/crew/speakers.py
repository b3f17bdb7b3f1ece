"""Which gateway may speak for which vehicle, and hears what is said to its crew.

It is the box that an engineer recorded as that vehicle's (page *Gateways*: its place), and no other: where
its devices are is the box's own word, and so no ground.
"""

import sqlite3
from typing import NamedTuple

SPEAKERS = """SELECT gateway.id, gateway.provisioned FROM gateway JOIN bed ON bed.id = gateway.place
WHERE bed.id = :bed AND gateway.class <> 'ward' ORDER BY gateway.id"""
"""Parameter: `bed`. The gateways that may speak for it; one that was replaced may tell what was before."""


class Speaker(NamedTuple):
    """A gateway; only one that is `provisioned` can be told anything."""

    gateway: str
    provisioned: bool


def speakers(db: sqlite3.Connection, bed: str) -> list[Speaker]:
    """Those that may speak for `bed`; none: it is no vehicle."""
    rows = db.execute(SPEAKERS, {"bed": bed}).fetchall()
    return [Speaker(row["id"], bool(row["provisioned"])) for row in rows]


def may_speak(db: sqlite3.Connection, gateway: str, bed: str) -> bool:
    """Whether what `gateway` tells of `bed` is believed."""
    return any(one.gateway == gateway for one in speakers(db, bed))


def listener(db: sqlite3.Connection, bed: str) -> str | None:
    """The gateway that is told what the hospital says to the crew of `bed`; None: there is none."""
    return next((one.gateway for one in speakers(db, bed) if one.provisioned), None)
