"""The API of Janus over a WebSocket on loopback: one session, its handles, each answer with its question.

async with connected(started) as janus:
    handle = await janus.attach(on_event)
    answer = await handle.ask({"request": "join", ...})
    await janus.gone.wait()
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from controller.errors import MediaError
from controller.telemedicine.media.config import Started
from controller.telemedicine.media.messages import LARGEST, Description, Message, RoomData, parse

KEEP_ALIVE_S, ANSWER_S = 10.0, 5.0
_PLUGIN = "janus.plugin.videoroom"
Json = dict[str, Any]
_log = logging.getLogger(__name__)


class Handle:
    """One connection with a browser, as Janus sees it."""

    def __init__(self, janus: "Janus", number: int, on_event: Callable[[Message], None]) -> None:
        self.on_event = on_event
        self._janus = janus
        self._number = number

    async def ask(
        self, body: Json, description: Description | None = None
    ) -> tuple[RoomData, Description | None]:
        """The VideoRoom's answer. Raises MediaError."""
        more = {"jsep": description.model_dump()} if description else {}
        told = {"janus": "message", "handle_id": self._number, "body": body, **more}
        got = await self._janus.ask(told)
        if got.plugindata is None:
            raise MediaError(f"Janus answered {body['request']} without the room's word: {got.janus}")
        data = got.plugindata.data
        if data.error is not None:
            raise MediaError(f"Janus refused {body['request']}: {data.error} ({data.error_code})")
        return data, got.jsep

    async def detach(self) -> None:
        """It is over. Raises MediaError."""
        self._janus.forget(self._number)
        await self._janus.ask({"janus": "detach", "handle_id": self._number}, is_ack_enough=True)


class Janus:
    """One session. `gone` is set when Janus is."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, started: Started) -> None:
        self.gone = asyncio.Event()
        self.admin_key = started.admin_key
        self._socket = socket
        self._secret = started.secret
        self._session: int | None = None
        self._asked: dict[str, tuple[asyncio.Future[Message], bool]] = {}
        self._handles: dict[int, Handle] = {}

    async def attach(self, on_event: Callable[[Message], None]) -> Handle:
        """A new handle of the VideoRoom. Raises MediaError."""
        number = _made(await self.ask({"janus": "attach", "plugin": _PLUGIN}))
        handle = self._handles[number] = Handle(self, number, on_event)
        return handle

    def forget(self, number: int) -> None:
        """Nothing of this handle is of interest any more."""
        self._handles.pop(number, None)

    async def ask(self, what: Json, *, is_ack_enough: bool = False) -> Message:
        """Its answer. Raises MediaError: it refused, or said nothing."""
        if self.gone.is_set():
            raise MediaError("Janus is gone")
        token = secrets.token_hex(8)
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._asked[token] = future, is_ack_enough
        session = {} if self._session is None else {"session_id": self._session}
        told = {**what, **session, "transaction": token, "apisecret": self._secret}
        try:
            await self._socket.send_json(told)
            got = await asyncio.wait_for(future, ANSWER_S)
        except (TimeoutError, ConnectionError) as error:
            raise MediaError(f"Janus gave no answer to {what['janus']}") from error
        finally:
            del self._asked[token]
        if got.error is not None:
            raise MediaError(f"Janus refused {what['janus']}: {got.error.reason} ({got.error.code})")
        return got

    async def begin(self) -> None:
        """Open the session. Raises MediaError."""
        self._session = _made(await self.ask({"janus": "create"}))

    async def read(self) -> None:
        """Until Janus is gone."""
        try:
            async for frame in self._socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    continue
                try:
                    self._took(parse(frame.data))
                except MediaError as error:
                    _log.warning("%s", error)
        finally:
            self.gone.set()
            for future, _ in self._asked.values():
                if not future.done():
                    future.set_exception(MediaError("Janus is gone"))

    async def keep(self) -> None:
        """A session that nobody asks anything ends by itself: until Janus is gone, ask."""
        while not self.gone.is_set():
            await asyncio.sleep(KEEP_ALIVE_S)
            try:
                await self.ask({"janus": "keepalive"}, is_ack_enough=True)
            except MediaError as error:
                _log.warning("%s", error)
                await self._socket.close()

    def _took(self, got: Message) -> None:
        future, is_ack_enough = self._asked.get(got.transaction, (None, False))
        if future is not None and not future.done() and (is_ack_enough or got.janus != "ack"):
            future.set_result(got)
        elif future is None and (handle := self._handles.get(got.sender)):
            handle.on_event(got)


@asynccontextmanager
async def connected(started: Started) -> AsyncIterator[Janus]:
    """A session while the block lasts. Raises MediaError: it is not there (yet)."""
    async with aiohttp.ClientSession() as http:
        try:
            socket = await http.ws_connect(started.url, protocols=["janus-protocol"], max_msg_size=LARGEST)
        except aiohttp.ClientError as error:
            raise MediaError(f"Janus does not answer: {error}") from error
        janus = Janus(socket, started)
        tasks = [asyncio.create_task(janus.read()), asyncio.create_task(janus.keep())]
        try:
            await janus.begin()
            yield janus
        finally:
            for task in tasks:
                task.cancel()
            await socket.close()


def _made(answer: Message) -> int:
    if answer.data is None:
        raise MediaError(f"Janus answered without a number: {answer.janus}")
    return answer.data.id
