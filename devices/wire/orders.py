"""What is signed: commands and configurations, for one gateway each. `cose` has the signature around them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cbor2

from devices.wire import keys, shapes
from devices.wire.messages import check, shaped

ID_BYTES = 16


class Outcome(StrEnum):
    """What became of a command or a configuration."""

    DONE = "done"
    APPLIED = "applied"
    REFUSED = "refused"
    """Nothing was changed."""
    FAILED = "failed"
    """It was tried."""
    INTERRUPTED = "interrupted"
    """The gateway ended in the middle: it may have been done, and is not done again."""


@dataclass(frozen=True, slots=True)
class Command:
    """Asks `gateway` to do something once, until `expires_us`; times are UTC in µs since 1970.

    `id` is 16 random bytes, `issuer` who asks; names and arguments are those of `devices.model.orders`.
    """

    id: bytes
    name: str
    arguments: Mapping[str, str | int]
    gateway: str
    issuer: str
    issued_us: int
    expires_us: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """How `gateway` is to be set up: the whole of it, in place of any lower `revision`."""

    gateway: str
    revision: int
    issuer: str
    issued_us: int
    settings: Mapping[str, str | int]


_issuer = shapes.text(100)
_COMMAND_SHAPE = (
    (keys.M_ID, shapes.octets(ID_BYTES), "a command's id of 16 bytes"),
    (keys.M_NAME, shapes.code, "a command's name"),
    (keys.M_ARGUMENTS, shapes.detail, "arguments by name"),
    (keys.M_GATEWAY, shapes.name, "a gateway's name"),
    (keys.M_ISSUER, _issuer, "who issued it"),
    (keys.M_ISSUED, shapes.uint, "UTC microseconds"),
    (keys.M_EXPIRES, shapes.uint, "UTC microseconds"),
)
_CONFIGURATION_SHAPE = (
    (keys.F_GATEWAY, shapes.name, "a gateway's name"),
    (keys.F_REVISION, shapes.integer(1, 2**53 - 1), "a revision"),
    (keys.F_ISSUER, _issuer, "who issued it"),
    (keys.F_ISSUED, shapes.uint, "UTC microseconds"),
    (keys.F_SETTINGS, shapes.detail, "settings by name"),
)


def pack_command(command: Command) -> bytes:
    """`command` as the contract's CBOR: a payload to be signed."""
    return cbor2.dumps(
        {
            keys.M_VERSION: keys.CONTRACT_VERSION,
            keys.M_ID: command.id,
            keys.M_NAME: command.name,
            keys.M_ARGUMENTS: dict(command.arguments),
            keys.M_GATEWAY: command.gateway,
            keys.M_ISSUER: command.issuer,
            keys.M_ISSUED: command.issued_us,
            keys.M_EXPIRES: command.expires_us,
        }
    )


def pack_configuration(configuration: Configuration) -> bytes:
    """`configuration` as the contract's CBOR: a payload to be signed."""
    return cbor2.dumps(
        {
            keys.F_VERSION: keys.CONTRACT_VERSION,
            keys.F_GATEWAY: configuration.gateway,
            keys.F_REVISION: configuration.revision,
            keys.F_ISSUER: configuration.issuer,
            keys.F_ISSUED: configuration.issued_us,
            keys.F_SETTINGS: dict(configuration.settings),
        }
    )


def _command(item: dict[int, Any]) -> Command:
    check(item, _COMMAND_SHAPE)
    return Command(*(item[key] for key, _, _ in _COMMAND_SHAPE))


def _configuration(item: dict[int, Any]) -> Configuration:
    check(item, _CONFIGURATION_SHAPE)
    return Configuration(*(item[key] for key, _, _ in _CONFIGURATION_SHAPE))


def read_command(payload: bytes) -> Command:
    """Raises WireError."""
    return shaped("command", _command, payload)


def read_configuration(payload: bytes) -> Configuration:
    """Raises WireError."""
    return shaped("configuration", _configuration, payload)
