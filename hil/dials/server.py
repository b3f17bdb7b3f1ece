"""The bench's page over HTTP, on the loopback: its files, what may be turned, turning, and how everything is.

GET  /api/panel      which dials there are, and where the ward board is
POST /api/turn       {"bed", "device", "dial", "value"}: turned, or 422 and why not
GET  /api/live       server-sent events, four a second: the whole state
GET  /turns.jsonl    the log, to replay
GET  /delays.json    every delay that was measured
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from gateway.crew.guard import add_headers, known_hosts, own_page, refusals
from gateway.crew.pages import TYPES, File, serve_files
from hil.dials.bench import Bench
from hil.dials.turns import Turn, said
from hil.dials.watch import Watch
from hil.errors import BadDial

_HOST = "127.0.0.1"
_HOSTS = frozenset({"localhost", _HOST})
_MOST_BYTES = 4096
_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows, and where the ward board is."""

    bench: Bench
    watch: Watch
    board: str


_PAGE = web.AppKey("page", Page)


@asynccontextmanager
async def serving(page: Page, port: int) -> AsyncIterator[str]:
    """The address of the page, while it is served. Raises OSError."""
    runner = web.AppRunner(application(page), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port, reuse_address=True).start()
        yield f"http://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def application(page: Page) -> web.Application:
    """What is answered, and to whom: to pages of its own on this machine."""
    app = web.Application(middlewares=[refusals, known_hosts(_HOSTS), own_page], client_max_size=_MOST_BYTES)
    app[_PAGE] = page
    app.on_response_prepare.append(add_headers)
    app.router.add_get("/api/panel", _panel)
    app.router.add_post("/api/turn", _turn)
    app.router.add_get("/api/live", _live)
    app.router.add_get("/turns.jsonl", _turns)
    app.router.add_get("/delays.json", _delays)
    app.router.add_get("/{path:(?!api/).*}", _files())
    return app


async def _panel(request: web.Request) -> web.Response:
    page = request.app[_PAGE]
    return web.json_response({**page.bench.panel.about(), "board": page.board})


async def _turn(request: web.Request) -> web.Response:
    try:
        turn = Turn.model_validate_json(await request.read())
        line = request.app[_PAGE].bench.turn(turn)
    except ValidationError as error:
        return web.json_response({"error": said(error)}, status=422)
    except BadDial as error:
        return web.json_response({"error": str(error)}, status=422)
    return web.json_response(line.model_dump())


async def _live(request: web.Request) -> web.StreamResponse:
    page = request.app[_PAGE]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    with suppress(ConnectionError):
        while True:
            await response.write(b"event: state\ndata: %b\n\n" % json.dumps(state(page)).encode())
            await asyncio.sleep(_EVERY_S)
    return response


def state(page: Page) -> dict[str, Any]:
    """Everything that changes."""
    bench = page.bench
    return {
        "dials": {bed: one.model_dump() for bed, one in bench.dials.items()},
        "turns": [one.model_dump() for one in bench.log.turns[-50:]],
        **page.watch.state(),
    }


async def _turns(request: web.Request) -> web.Response:
    log = request.app[_PAGE].bench.log
    text = "".join(one.model_dump_json() + "\n" for one in log.turns)
    return _download(text, "turns.jsonl", "application/jsonl")


async def _delays(request: web.Request) -> web.Response:
    return _download(json.dumps(request.app[_PAGE].watch.delays_told()), "delays.json", "application/json")


def _download(text: str, name: str, media: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=text, content_type=media, headers=headers)


def _files() -> Handler:
    own, shared = resources.files("hil.dials").joinpath("web"), resources.files("screen")
    return serve_files(dict(_walked(own, "")) | dict(_walked(shared, "screen/")))


def _walked(folder: Traversable, prefix: str) -> Mapping[str, File]:
    found: dict[str, File] = {}
    for item in folder.iterdir():
        if item.is_dir():
            found |= _walked(item, f"{prefix}{item.name}/")
        elif (kind := item.name.rpartition(".")[2]) in TYPES:
            body = item.read_bytes()
            found[prefix + item.name] = File(body, TYPES[kind], hashlib.sha256(body).hexdigest())
    return found
