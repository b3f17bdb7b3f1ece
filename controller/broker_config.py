"""The generated configuration of nats-server: MQTT on the loopback, one user a client, its own topics only.

NATS maps MQTT's `/` to `.` and `.` to `//`; a filter that ends in `/#` also covers its parent, so both
need a permission. `allowed_connection_types` keeps users off NATS' own protocol, in which the
deliveries to other clients could be watched. Source: NATS documentation, "MQTT", "Authorization".
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from controller.registry import CONTROLLER
from devices.wire import topics
from devices.wire.keys import MAX_MESSAGE

MAX_PAYLOAD = 2 * MAX_MESSAGE
"""Bytes that the broker lets through: above the contract's limit, so that ingest can say who exceeds it."""


def subject(topic: str) -> str:
    """`topic` as NATS writes it. `+` and `#` are wildcards."""
    mapped = topic.replace(".", "//").replace("/", "\0").replace("\0\0", "//").replace("\0", ".")
    return mapped.replace("+", "*").replace("#", ">")


def _with_below(topic: str) -> list[str]:
    return [subject(topic), subject(f"{topic}/#")]


def _user(name: str, password: str, publish: Sequence[str], subscribe: Sequence[str]) -> str:
    # JSON is valid in NATS' configuration language, and quotes whatever is in a name.
    user = {
        "user": name,
        "password": password,
        "allowed_connection_types": ["MQTT"],
        "permissions": {"publish": list(publish), "subscribe": list(subscribe)},
    }
    return "    " + json.dumps(user)


def _controller(password: str) -> str:
    publish = [subject("wl/1/+/down/#"), subject(topics.CONTROLLER_STATE)]
    return _user(CONTROLLER, password, publish, _with_below("wl/1/+/up"))


def _gateway(gateway: str, password: str) -> str:
    publish = _with_below(f"wl/1/{gateway}/up")
    subscribe = [*_with_below(f"wl/1/{gateway}/down"), subject(topics.CONTROLLER_STATE)]
    return _user(gateway, password, publish, subscribe)


def broker_config(folder: Path, host: str, port: int, password: str, gateways: Mapping[str, str]) -> str:
    """The text of nats-server's configuration: `password` is the controller's, `gateways` has theirs."""
    users = [_controller(password), *(_gateway(name, secret) for name, secret in gateways.items())]
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
  host: {json.dumps(host)}
  port: {port}
}}
authorization {{
  users: [
{chr(10).join(users)}
  ]
}}
"""
