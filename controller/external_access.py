"""What an external mosquitto should let whom do, and the commands that bring it there. Pure.

The commands are those of mosquitto's dynamic security plugin (mosquitto.org, "Dynamic Security Plugin"): JSON
on `$CONTROL/dynamic-security/v1`. A client of the plugin is a user name, here the subject of a certificate; a
role is what it may do. Ours are the clients whose subject has a serial number and our organisation, the roles
`wardlink-gateway-…`, and the controller's own role. Whatever else is there is left alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.arrivals.topics import ANSWERS, CITY, REQUESTS
from controller.errors import BrokerError
from controller.identity.authority import ORGANISATION
from controller.shards.topics import LIVE
from devices.wire import topics

Command = dict[str, Any]
"""As the plugin takes it."""
CONTROL, RESPONSE = "$CONTROL/dynamic-security/v1", "$CONTROL/dynamic-security/v1/response"
CONTROLLER_ROLE, GATEWAY_ROLES = "wardlink-controller", "wardlink-gateway-"
CLOSED = ("publishClientSend", "subscribe")
"""What the plugin must deny by default: else a gateway might speak as another, or listen to it."""

_SEND, _RECEIVE, _SUBSCRIBE = "publishClientSend", "publishClientReceive", "subscribePattern"
_TO_ALL = topics.CONTROLLER_STATE, topics.AUDIT_HEAD
_OURS = re.compile(rf"serialNumber=[0-9a-f]+,CN=[^,+]+,O={ORGANISATION}")

Rule = tuple[str, str, bool]
"""Kind, topic filter, whether it is allowed."""


@dataclass(frozen=True, slots=True)
class Client:
    """What one user name has."""

    roles: frozenset[str]
    restricted: bool = False
    """Whether it is disabled, bound to a client id or in a group: none of ours is."""


@dataclass(frozen=True, slots=True)
class Access:
    """Clients by user name and roles by name, in a broker or as they should be."""

    clients: Mapping[str, Client]
    roles: Mapping[str, frozenset[Rule]]


def username(name: str) -> str:
    """A certificate's distinguished name as OpenSSL prints it (XN_FLAG_RFC2253), and so mosquitto."""
    return name.replace("SERIALNUMBER=", "serialNumber=", 1)


def wanted(controller: str, gateways: Mapping[str, str]) -> Access:
    """The controller and each certificate of each gateway, by their distinguished names."""
    clients = {username(controller): Client(frozenset({CONTROLLER_ROLE}))}
    clients |= {username(name): Client(frozenset({_role(gateway)})) for name, gateway in gateways.items()}
    roles = {_role(gateway): _gateway_rules(gateway) for gateway in gateways.values()}
    return Access(clients, {CONTROLLER_ROLE: _controller_rules(), **roles})


def held(clients: Iterable[Mapping[str, Any]], roles: Iterable[Mapping[str, Any]]) -> Access:
    """What the plugin's answers to `listClients` and `listRoles`, both verbose, say. Raises BrokerError."""
    try:
        return Access(
            {one["username"]: _client(one) for one in clients},
            {one["rolename"]: frozenset(map(_rule, one["acls"])) for one in roles},
        )
    except (KeyError, TypeError) as error:
        raise BrokerError(
            f"expected clients and roles as mosquitto 2.0 lists them, there is no {error}: "
            "use the dynamic security plugin of mosquitto 2.0 or later"
        ) from error


def commands(want: Access, have: Access) -> list[Command]:
    """What to say to the plugin, in this order; nothing when all is right.

    Who has to go goes first. The controller's own client is never deleted: that would end this very session.
    """
    return [*_leave(want, have), *_enter(want, have), *_tidy(want, have)]


def initial(controller: str) -> dict[str, Any]:
    """The plugin's file for a broker that has none: everything denied, and the controller let in to rule."""
    first = wanted(controller, {})
    default = {"publishClientSend": False, "publishClientReceive": False, "subscribe": False}
    return {
        "defaultACLAccess": {**default, "unsubscribe": True},
        "clients": [{"username": name, "roles": _named(one.roles)} for name, one in first.clients.items()],
        "roles": [{"rolename": name, "acls": _acls(rules)} for name, rules in first.roles.items()],
    }


def _role(gateway: str) -> str:
    return f"{GATEWAY_ROLES}{gateway}"


def _gateway_rules(gateway: str) -> frozenset[Rule]:
    if gateway == CITY:
        return _rules([f"{ANSWERS}+"], [f"{REQUESTS}+"])
    listens = topics.down(gateway, "#"), *_TO_ALL
    return _rules([topics.up(gateway, "#")], listens)


def _controller_rules() -> frozenset[Rule]:
    sends = CONTROL, topics.down("+", "#"), *_TO_ALL, LIVE, f"{REQUESTS}+"
    return _rules(sends, [RESPONSE, topics.ALL_UP, topics.CONTROLLER_STATE, LIVE, f"{ANSWERS}+"])


def _rules(sends: Iterable[str], listens: Iterable[str]) -> frozenset[Rule]:
    heard = [(kind, topic, True) for topic in listens for kind in (_SUBSCRIBE, _RECEIVE)]
    return frozenset([*((_SEND, topic, True) for topic in sends), *heard])


def _client(told: Mapping[str, Any]) -> Client:
    restricted = bool(told.get("disabled") or told.get("clientid") or told.get("groups"))
    return Client(frozenset(one["rolename"] for one in told["roles"]), restricted)


def _rule(told: Mapping[str, Any]) -> Rule:
    return told["acltype"], told["topic"], told["allow"]


def _leave(want: Access, have: Access) -> Iterator[Command]:
    for name, one in have.clients.items():
        if _OURS.fullmatch(name) and want.clients.get(name) != one:
            yield {"command": "deleteClient", "username": name}


def _enter(want: Access, have: Access) -> Iterator[Command]:
    """One client after the other, each with its role before it: the first is in while others still wait."""
    right = {name for name, rules in want.roles.items() if have.roles.get(name) == rules}
    for name, one in want.clients.items():
        for role in one.roles - right:
            command = "modifyRole" if role in have.roles else "createRole"
            yield {"command": command, "rolename": role, "acls": _acls(want.roles[role])}
        right |= one.roles
        is_there = have.clients.get(name)
        if is_there is None or (_OURS.fullmatch(name) and is_there != one):
            yield {"command": "createClient", "username": name, "roles": _named(one.roles)}
        else:
            for role in one.roles - is_there.roles:
                yield {"command": "addClientRole", "username": name, "rolename": role}


def _tidy(want: Access, have: Access) -> Iterator[Command]:
    for name in have.roles:
        if name.startswith(GATEWAY_ROLES) and name not in want.roles:
            yield {"command": "deleteRole", "rolename": name}


def _named(roles: Iterable[str]) -> list[dict[str, Any]]:
    return [{"rolename": name, "priority": 0} for name in sorted(roles)]


def _acls(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    return [
        {"acltype": kind, "topic": topic, "priority": 0, "allow": allow}
        for kind, topic, allow in sorted(rules)
    ]
