"""An entry as a message of syslog (RFC 5424), in the frame that TLS needs (RFC 5425, 4.3).

<110>1 2026-11-25T21:05:36.123456Z hospital wardlink - trends [meta sequenceId="7"] {"resourceType":…}

The message is the entry as a FHIR AuditEvent; `sequenceId` is its number: what is missing is seen.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from controller.audit.entry import DONE
from controller.audit.fhir import audit_event
from controller.clock import utc_text

LOG_AUDIT = 13
"""Facility (RFC 5424, 6.2.1)."""
INFORMATIONAL, WARNING = 6, 4
"""Severities."""
_BOM = b"\xef\xbb\xbf"
"""Says that the text after it is UTF-8 (RFC 5424, 6.4)."""
_NOT_PRINTABLE = re.compile(r"[^\x21-\x7e]")
_LAST_SEQUENCE_ID = 2**31 - 1
"""After it comes 1 again (RFC 5424, 7.3.1)."""


def message(entry: Mapping[str, Any], host: str) -> bytes:
    """The message of an `entry` as `search.told` gives it, sent by the controller `host`."""
    priority = LOG_AUDIT * 8 + (INFORMATIONAL if entry["outcome"] == DONE else WARNING)
    sequence = (entry["number"] - 1) % _LAST_SEQUENCE_ID + 1
    head = (
        f"<{priority}>1 {utc_text(entry['utc_us'])} {_name(host, 255)} wardlink - "
        f'{_name(entry["action"], 32)} [meta sequenceId="{sequence}"] '
    )
    return head.encode("ascii") + _BOM + orjson.dumps(audit_event(entry, host))


def framed(one: bytes) -> bytes:
    """A message as it goes over TLS: its length in bytes, a space, itself."""
    return b"%d %b" % (len(one), one)


def _name(text: str, longest: int) -> str:
    """A header field: printable ASCII without spaces; "-" when there is nothing to say."""
    return _NOT_PRINTABLE.sub("_", text)[:longest] or "-"
