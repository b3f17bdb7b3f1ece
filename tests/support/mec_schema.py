"""ServiceInfo of ETSI GS MEC 011 as JSON Schema: the facts of the published MecServiceMgmtApi, no more."""

from typing import Any

_TEXT = {"type": "string"}
_ADDRESS = {
    "type": "object",
    "required": ["host", "port"],
    "properties": {"host": _TEXT, "port": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}},
}
_ENDPOINT = {
    "type": "object",
    "oneOf": [
        {"required": ["uris"], "properties": {"uris": {"type": "array", "items": _TEXT}}},
        {"required": ["addresses"], "properties": {"addresses": {"type": "array", "items": _ADDRESS}}},
        {"required": ["alternative"], "properties": {"alternative": {"type": "object"}}},
    ],
}
_TRANSPORT = {
    "type": "object",
    "required": ["id", "name", "type", "protocol", "version", "endpoint", "security"],
    "properties": {
        **dict.fromkeys(("id", "name", "description", "protocol", "version"), _TEXT),
        "type": {
            "enum": [
                *("REST_HTTP", "MB_TOPIC_BASED", "MB_ROUTING", "MB_PUBSUB"),
                *("RPC", "RPC_STREAMING", "WEBSOCKET"),
            ]
        },
        "endpoint": _ENDPOINT,
        "security": {"type": "object"},
    },
}
_LOCALITY = {"enum": ["MEC_SYSTEM", "MEC_HOST", "NFVI_POP", "ZONE", "ZONE_GROUP", "NFVI_NODE"]}
SERVICES: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["serName", "version", "state", "transportInfo", "serializer"],
        "properties": {
            **dict.fromkeys(("serInstanceId", "serName", "version"), _TEXT),
            "state": {"enum": ["ACTIVE", "INACTIVE"]},
            "transportInfo": _TRANSPORT,
            "serializer": {"enum": ["JSON", "XML", "PROTOBUF3"]},
            "scopeOfLocality": _LOCALITY,
            "consumedLocalOnly": {"type": "boolean"},
            "isLocal": {"type": "boolean"},
        },
    },
}
"""The answer to a service availability query."""
