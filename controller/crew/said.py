"""What the hospital says to a crew: signed commands to the gateway of its vehicle, inside a transaction."""

import secrets
import sqlite3

from controller.crew.speakers import listener
from controller.errors import OrderError
from controller.identity.certificates import By
from controller.orders.desk import keep_command
from devices.errors import BadOrder
from devices.model.lights import HOLDS_S
from devices.model.orders import (
    ANSWER,
    CORRIDOR,
    HANDED_OVER,
    INSTRUCT,
    PICTURE,
    WATCHED,
    Arguments,
    check_command,
)
from devices.wire.orders import ID_BYTES, Command

_DAY_US = 86_400_000_000
LIVES_US = {
    INSTRUCT: 600_000_000,
    ANSWER: _DAY_US,
    WATCHED: _DAY_US,
    HANDED_OVER: _DAY_US,
    PICTURE: 7 * _DAY_US,
    CORRIDOR: HOLDS_S * 1_000_000,
}
"""An instruction that comes later could harm: who gave it sees that it did not come, and gives it anew. So
could a green light of before."""


def say(
    db: sqlite3.Connection, vehicle: str, name: str, arguments: Arguments, by: By, *, utc_us: int
) -> Command | None:
    """Tell the crew of `vehicle`; None: there is no gateway that could. Raises OrderError."""
    gateway = listener(db, vehicle)
    if gateway is None:
        return None
    whole = {"vehicle": vehicle, **arguments}
    try:
        check_command(name, whole)
    except BadOrder as error:
        raise OrderError(str(error)) from error
    number, expires_us = secrets.token_bytes(ID_BYTES), utc_us + LIVES_US[name]
    return keep_command(db, Command(number, name, whole, gateway, by.actor, utc_us, expires_us), by)
