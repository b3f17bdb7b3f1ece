"""What the inventory asks of gateways: to serve what was recorded, to wipe what was decommissioned.

Both are ordinary orders, kept in the transaction of the record itself: neither is there without the other.
"""

import secrets
import sqlite3

from controller.errors import BadRecord, Conflict, EnrolmentRefused
from controller.identity.certificates import By, check_provisioned
from controller.inventory.record import Record
from controller.inventory.records import Change
from controller.orders.desk import LONGEST_LIFE_US, keep_command, keep_configuration, newest_settings
from devices.errors import BadOrder
from devices.model.orders import FORGET, check_settings
from devices.model.served import Served
from devices.profiles import BleBroadcast, BleLink, SerialLink, profiles
from devices.wire.orders import ID_BYTES, Command

_GATEWAYS = "SELECT DISTINCT gateway FROM configuration ORDER BY gateway"
_HEARD_BY = "SELECT gateway FROM device WHERE id = ?"


def serve(db: sqlite3.Connection, record: Record, where: str, bed: str, change: Change) -> None:
    """Have the gateway of `record` serve it on `bed`: it was found at `where`, an address or a port.

    Raises BadRecord, Conflict.
    """
    if not record.gateway:
        raise BadRecord("gateway: expected the one that found the device, got none: name it")
    _check_way(record, where)
    one = Served(record.device, record.profile, where, bed)
    settings = {**newest_settings(db, record.gateway), one.name: one.text}
    by = By(change.by, change.where, f"{record.device} was recorded")
    try:
        check_settings(settings)
        keep_configuration(db, record.gateway, settings, by, utc_us=change.utc_us)
    except BadOrder as error:
        raise BadRecord(f"the gateway cannot serve it: {error}") from error
    except EnrolmentRefused as error:
        raise Conflict(f"the gateway cannot serve it: {error}") from error
    _serve_elsewhere_no_more(db, one.name, by, change, but=record.gateway)


def dismiss(db: sqlite3.Connection, device: str, address: str, change: Change, why: str) -> None:
    """Have every gateway that served `device` end that, and wipe its bond and what it remembers of it.

    A gateway that is not provisioned any more has no way to hear it.
    """
    by = By(change.by, change.where, why)
    gateways = _serve_elsewhere_no_more(db, Served(device, "", "").name, by, change)
    row = db.execute("SELECT gateway FROM inventory WHERE device = ?", (device,)).fetchone()
    heard = db.execute(_HEARD_BY, (device,)).fetchone()
    gateways |= {one["gateway"] for one in (row, heard) if one and one["gateway"]}
    for gateway in sorted(filter(lambda one: _is_provisioned(db, one), gateways)):
        number, utc_us = secrets.token_bytes(ID_BYTES), change.utc_us
        arguments = {"device": device, "address": address}
        times = utc_us, utc_us + LONGEST_LIFE_US
        keep_command(db, Command(number, FORGET, arguments, gateway, change.by, *times), by)


def _serve_elsewhere_no_more(
    db: sqlite3.Connection, name: str, by: By, change: Change, but: str = ""
) -> set[str]:
    """Take the setting `name` from all gateways but one. Returns from which it was taken."""
    taken: set[str] = set()
    for gateway in [row["gateway"] for row in db.execute(_GATEWAYS)]:
        settings = dict(newest_settings(db, gateway))
        if gateway != but and settings.pop(name, None) is not None and _is_provisioned(db, gateway):
            keep_configuration(db, gateway, settings, by, utc_us=change.utc_us)
            taken.add(gateway)
    return taken


def _check_way(record: Record, where: str) -> None:
    link = profiles()[record.profile].link
    if isinstance(link, SerialLink) and not where.startswith("/"):
        raise BadRecord(f"profile: expected one that speaks Bluetooth, as what was found at {where} does")
    if isinstance(link, BleLink | BleBroadcast) and where != record.address:
        raise BadRecord(f"address: expected {where}, where the gateway found it, got {record.address!r:.40}")
    if not isinstance(link, SerialLink | BleLink | BleBroadcast):
        raise BadRecord(f"profile: {record.profile} is on the network: add it to the gateway's own file")


def _is_provisioned(db: sqlite3.Connection, gateway: str) -> bool:
    try:
        check_provisioned(db, gateway)
    except EnrolmentRefused:
        return False
    return True
