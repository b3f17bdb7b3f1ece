"""The generated configuration of nats-server: mutual TLS, one user a certificate, its own topics only.

NATS maps MQTT's `/` to `.` and `.` to `//`; a filter that ends in `/#` also covers its parent, so both
need a permission. `verify_and_map` takes the user from the subject of the client's certificate, and what
CONNECT says of user and password counts for nothing. Only certificates of our issuing authority are taken,
not all that the root may have signed. `allowed_connection_types` keeps users off NATS' own protocol, in which
the deliveries to other clients could be watched. Source: NATS documentation, "MQTT", "Authorization", "TLS".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from controller.arrivals.topics import ANSWERS, CITY, REQUESTS
from controller.cluster.access import ACCESS, IN_FORCE
from controller.shards.topics import LIVE
from devices.wire import topics
from devices.wire.keys import MAX_MESSAGE

MAX_PAYLOAD = 2 * MAX_MESSAGE
"""Bytes that the broker lets through: above the contract's limit, so that ingest can say who exceeds it."""

_TO_ALL = topics.CONTROLLER_STATE, topics.AUDIT_HEAD
"""What the controller tells every gateway."""
HANDSHAKE_S = 10
"""Seconds that a client may take for the handshake: over a poor radio it takes several."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the broker listens, and with which files."""

    host: str
    port: int
    certificate: Path
    """Key, certificate and chain of the server."""
    issuers: Path
    """The certificates of the authorities whose clients are taken."""
    member: str = ""
    """The distinguished name by which a member of a cluster connects to itself, to be told whom to let in."""


def subject(topic: str) -> str:
    """`topic` as NATS writes it. `+` and `#` are wildcards."""
    mapped = topic.replace(".", "//").replace("/", "\0").replace("\0\0", "//").replace("\0", ".")
    return mapped.replace("+", "*").replace("#", ">")


def _with_below(topic: str) -> list[str]:
    return [subject(topic), subject(f"{topic}/#")]


def _user(name: str, publish: Sequence[str], subscribe: Sequence[str]) -> str:
    # JSON is valid in NATS' configuration language, and quotes whatever is in a name.
    user = {
        "user": name,
        "allowed_connection_types": ["MQTT"],
        "permissions": {"publish": list(publish), "subscribe": list(subscribe)},
    }
    return "    " + json.dumps(user)


def _controller(name: str, member: str) -> str:
    publish = [subject("wl/1/+/down/#"), *map(subject, (*_TO_ALL, LIVE, f"{REQUESTS}+"))]
    subscribe = [*_with_below("wl/1/+/up"), *map(subject, (topics.CONTROLLER_STATE, LIVE, f"{ANSWERS}+"))]
    if member:
        publish, subscribe = [*publish, subject(ACCESS)], [*subscribe, subject(IN_FORCE)]
    return _user(name, publish, subscribe)


def _gateway(name: str, gateway: str) -> str:
    if gateway == CITY:
        return _user(name, [subject(f"{ANSWERS}+")], [subject(f"{REQUESTS}+")])
    publish = _with_below(f"wl/1/{gateway}/up")
    subscribe = [*_with_below(f"wl/1/{gateway}/down"), *map(subject, _TO_ALL)]
    return _user(name, publish, subscribe)


def broker_config(folder: Path, at: Listener, controller: str, gateways: Mapping[str, str]) -> str:
    """The text of nats-server's configuration.

    `controller` is the distinguished name in the controller's certificate; `gateways` has the gateway of each
    certificate, by the distinguished name in it.
    """
    users = [_controller(controller, at.member)]
    users += [_user(at.member, [subject(IN_FORCE)], [subject(ACCESS)])] if at.member else []
    users += [_gateway(name, gateway) for name, gateway in gateways.items()]
    return f"""server_name: wardlink
host: 127.0.0.1
port: -1
pid_file: {json.dumps(str(folder / "nats.pid"))}
log_file: {json.dumps(str(folder / "nats.log"))}
logfile_size_limit: 10MB
logfile_max_num: 3
max_payload: {MAX_PAYLOAD}
jetstream {{
  store_dir: {json.dumps(str(folder / "pipe"))}
  max_memory_store: 64MB
  max_file_store: 1GB
}}
mqtt {{
  host: {json.dumps(at.host)}
  port: {at.port}
  tls {{
    cert_file: {json.dumps(str(at.certificate))}
    key_file: {json.dumps(str(at.certificate))}
    ca_file: {json.dumps(str(at.issuers))}
    verify_and_map: true
    timeout: {HANDSHAKE_S}
  }}
}}
authorization {{
  users: [
{("," + chr(10)).join(users)}
  ]
}}
"""
