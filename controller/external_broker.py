"""The hospital's own mosquitto, at `[mqtt] url`: its access lists are kept as the registry says.

Nothing is run or written on its host: its dynamic security plugin takes commands by MQTT. What it holds is
compared with what it should hold whenever a connection begins, whenever that changes, and every so often,
so that a broker which lost everything, or was changed by hand, is right again by itself.
"""

import asyncio
import json
import logging
import secrets
import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiomqtt

from controller.clock import Clock
from controller.errors import BrokerError
from controller.external_access import CLOSED, CONTROL, RESPONSE, Access, Command, commands, held, wanted
from controller.mqtt import KEEPALIVE_S, controller_tls, end_if_told_to, refused
from devices.model.observation import Priority

CHECK_S = 60.0
"""How often the broker's lists are looked through, although nothing has changed here."""
ANSWER_S = 10.0
"""How long the plugin may take for an answer."""
AWAY_US = 5_000_000
"""A broker that cannot be used for longer than this is an alert; it may restart meanwhile."""
ENDS_SOON_S = 30 * 86_400
"""How long before the broker's certificate ends that is an alert."""
PAGE = 500
"""Clients or roles in one answer."""
AT_ONCE = 8
"""Commands in one message: the plugin writes all that it holds to its file after each, and the broker stands
still meanwhile. Measured with 1200 gateways: 15 ms a command."""

Told = Callable[[str, Priority], None]
"""Takes what is wrong with the broker, as a sentence, and how urgent that is; "": nothing."""

log = logging.getLogger(__name__)


class ExternalBroker:
    """The broker at `url`, mqtts://HOST:PORT. Its administrator starts it, see `external_files.py`."""

    own = False
    again_s = 1.0

    def __init__(self, url: str, ca: Path, clock: Clock, told: Told) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.port = parts.port or 8883
        self.ca = ca
        self._clock = clock
        self._told = told
        self._good_us = clock.now_us()
        self._said = ""
        self._want: Access | None = None
        self._changed = asyncio.Event()

    @property
    def url(self) -> str:
        """Where clients connect."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mqtts://{host}:{self.port}"

    def prepare(self) -> None:
        """It is there or it is not: `run` says so."""

    def configure(self, controller: str, gateways: Mapping[str, str]) -> None:
        """Let exactly these in, as soon as the broker can be reached."""
        want = wanted(controller, gateways)
        if want != self._want:
            self._want = want
            self._changed.set()

    def reload(self) -> None:
        """The broker's certificate is its administrator's; the controller's has the same subject again."""

    async def run(self) -> None:
        """Keep the broker's access lists right until cancelled."""
        while True:
            try:
                await self._connected()
            except BrokerError as error:
                self._bad(f"{self.url}: {error}")
            except (aiomqtt.MqttError, ssl.SSLError) as error:
                hint = "see that it is up, and has the newest files of `controller broker-config`"
                self._bad(f"{self.url}: no connection ({error}): {hint}")
            await asyncio.sleep(self.again_s)

    async def _connected(self) -> None:
        async with aiomqtt.Client(
            self.host,
            self.port,
            tls_context=controller_tls(self.ca),
            identifier=f"controller-access-{secrets.token_hex(8)}",
            keepalive=KEEPALIVE_S,
        ) as client:
            plugin = _Plugin(client)
            await plugin.listen()
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(plugin.receive())
                    group.create_task(self._keep(client, plugin))
            except* (aiomqtt.MqttError, BrokerError) as errors:
                raise BrokerError(str(errors.exceptions[0])) from errors

    async def _keep(self, client: aiomqtt.Client, plugin: "_Plugin") -> None:
        while True:
            self._changed.clear()
            if self._want is not None:
                await self._reconcile(plugin, self._want)
                self._good(await plugin.open_by_default(), _ends_in_s(client, self._clock))
            try:
                async with asyncio.timeout(CHECK_S):
                    await self._changed.wait()
            except TimeoutError:
                log.debug("%s: looking whether all is as it was", self.url)

    async def _reconcile(self, plugin: "_Plugin", want: Access) -> None:
        """Nobody who has to go waits until others are in: what changes meanwhile begins it again."""
        todo = commands(want, held(await plugin.listed("Client"), await plugin.listed("Role")))
        for begin in range(0, len(todo), AT_ONCE):
            await plugin.ask(todo[begin : begin + AT_ONCE])
            if self._changed.is_set():
                return
        if todo:
            log.info("%s: %d changes of who may do what", self.url, len(todo))

    def _bad(self, why: str) -> None:
        if why != self._said:
            self._said = why
            log.warning("%s", why)
        if self._clock.now_us() - self._good_us > AWAY_US:
            self._told(why, Priority.HIGH)

    def _good(self, is_open: Sequence[str], ends_in_s: float) -> None:
        self._good_us, self._said = self._clock.now_us(), ""
        if is_open:
            why = f"expected the default access deny, {', '.join(is_open)} is allow: set it to deny"
            self._told(f"{self.url}: {why}", Priority.HIGH)
        elif ends_in_s < ENDS_SOON_S:
            days = int(ends_in_s // 86_400)
            why = f"its certificate ends in {days} days: make another with `controller broker-config`"
            self._told(f"{self.url}: {why}", Priority.LOW)
        else:
            self._told("", Priority.LOW)


class _Plugin:
    """The dynamic security plugin, through one connection. What it answers to others is heard here, too."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._asked = ""
        self._answers: asyncio.Queue[list[dict[str, Any]]] = asyncio.Queue()

    async def listen(self) -> None:
        """Have answers sent here. Raises BrokerError when the controller may not."""
        if refused(await self._client.subscribe(RESPONSE, qos=1)):
            raise BrokerError(_not_ruled_by_us(f"it refuses {RESPONSE}"))

    async def receive(self) -> None:
        """Take answers in, until the connection ends."""
        async for message in self._client.messages:
            end_if_told_to()
            responses = _responses(message.payload)
            if all(one.get("correlationData") == self._asked for one in responses):
                self._answers.put_nowait(responses)

    async def ask(self, asked: Sequence[Command]) -> list[dict[str, Any]]:
        """The data of each answer. Raises BrokerError, also when one of the commands was refused."""
        self._asked = secrets.token_hex(8)
        marked = [{**one, "correlationData": self._asked} for one in asked]
        await self._client.publish(CONTROL, json.dumps({"commands": marked}), qos=1)
        end_if_told_to()
        try:
            async with asyncio.timeout(ANSWER_S):
                answers = await self._answers.get()
        except TimeoutError:
            raise BrokerError(_not_ruled_by_us(f"no answer in {ANSWER_S:.0f} s")) from None
        for one in answers:
            if "error" in one:
                raise BrokerError(f"its plugin refuses {one.get('command')}: {one['error']}: see its log")
        return [one.get("data", {}) for one in answers]

    async def listed(self, what: str) -> list[dict[str, Any]]:
        """All that there are of "Client" or "Role"."""
        key, found = f"{what.lower()}s", list[dict[str, Any]]()
        while True:
            asked = {"command": f"list{what}s", "verbose": True, "count": PAGE, "offset": len(found)}
            [answer] = await self.ask([asked])
            page = answer.get(key, [])
            found += page
            if not page or len(found) >= answer.get("totalCount", 0):
                return found

    async def open_by_default(self) -> list[str]:
        """What is allowed to everybody who has no rule, and must not be."""
        [answer] = await self.ask([{"command": "getDefaultACLAccess"}])
        return [one["acltype"] for one in answer.get("acls", []) if one["allow"] and one["acltype"] in CLOSED]


def _responses(payload: object) -> list[dict[str, Any]]:
    try:
        return json.loads(payload if isinstance(payload, bytes) else b"")["responses"]
    except (ValueError, KeyError, TypeError) as error:
        raise BrokerError("expected an answer of mosquitto's dynamic security plugin, got another") from error


def _not_ruled_by_us(what: str) -> str:
    return (
        f"expected to rule its dynamic security plugin, {what}: load the plugin with the file that "
        "`controller broker-config` makes, or give its role to the controller's certificate"
    )


def _ends_in_s(client: aiomqtt.Client, clock: Clock) -> float:
    """How long the broker's certificate holds. Infinite while the connection is just ending."""
    sock = client._client.socket()  # neither aiomqtt nor paho has a better way to ask
    told = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    ends = str(told["notAfter"]) if told else ""
    return ssl.cert_time_to_seconds(ends) - clock.utc_us() / 1e6 if ends else float("inf")
