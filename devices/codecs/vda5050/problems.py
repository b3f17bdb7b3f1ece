"""The errors that the standard has names for: 3.0's list, and what version 2 calls the same.

Version 2 names only validationError, orderError, orderUpdateError and noOrderToCancel; noRouteError and
instantActionError are usual beside them. All are warnings there.
Source: VDA 5050 2.1.0, 6.6.3 and 6.6.4; 3.0.0, 6.6.5.4 (table 9) and 7.8.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from devices.codecs.vda5050.state import Error, Reference
from devices.codecs.vda5050.version import SINCE_2_1, Version
from devices.codecs.vda5050.words import ErrorLevel


class ErrorType(Enum):
    """What is wrong: the type in version 2, the type in version 3, its level there."""

    MALFORMED = ("validationError", "VALIDATION_FAILURE", ErrorLevel.WARNING)
    GRAPH = ("validationError", "INVALID_ORDER", ErrorLevel.WARNING)
    CONTINUATION = ("orderUpdateError", "INVALID_ORDER", ErrorLevel.WARNING)
    OUTDATED = ("orderUpdateError", "OUTDATED_ORDER_UPDATE", ErrorLevel.WARNING)
    SAME_UPDATE = ("orderUpdateError", "SAME_ORDER_UPDATE_ID", ErrorLevel.WARNING)
    AFTER_CANCEL = ("orderUpdateError", "ORDER_UPDATE_FOLLOWING_CANCEL", ErrorLevel.WARNING)
    OTHER_ACTIVE = ("orderError", "OTHER_ORDER_ACTIVE", ErrorLevel.WARNING)
    ACTION = ("orderError", "INVALID_ORDER_ACTION", ErrorLevel.WARNING)
    PARAMETER = ("orderError", "UNSUPPORTED_PARAMETER", ErrorLevel.CRITICAL)
    NOT_AVAILABLE = ("orderError", "MOBILE_ROBOT_NOT_AVAILABLE", ErrorLevel.WARNING)
    MAP = ("orderError", "UNKNOWN_MAP_ID", ErrorLevel.WARNING)
    TOO_MUCH = ("orderError", "INSUFFICIENT_MEMORY", ErrorLevel.URGENT)
    START = ("noRouteError", "START_NODE_OUT_OF_RANGE", ErrorLevel.WARNING)
    ROUTE = ("noRouteError", "NO_ROUTE_TO_TARGET", ErrorLevel.WARNING)
    UNREACHABLE = ("noRouteError", "NODE_UNREACHABLE", ErrorLevel.CRITICAL)
    INSTANT_ACTION = ("instantActionError", "INVALID_INSTANT_ACTION", ErrorLevel.WARNING)
    NO_ORDER = ("noOrderToCancel", "NO_ORDER_TO_CANCEL", ErrorLevel.WARNING)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where (`references`: nodeId, actionId, …), and what to do about it."""

    type: ErrorType
    why: str
    references: Mapping[str, str] = field(default_factory=dict[str, str])
    hint: str | None = None

    def error(self, version: Version) -> Error:
        """As a vehicle reports it. 2.0 has no hints."""
        in_2, in_3, level = self.type.value
        about = self.references.items()
        told = tuple(Reference(reference_key=key, reference_value=one) for key, one in about)
        return Error(
            error_type=in_2 if version.major == 2 else in_3,
            error_references=told or None,
            error_description=self.why,
            error_hint=self.hint if version in SINCE_2_1 else None,
            error_level=ErrorLevel.WARNING if version.major == 2 else level,
        )
