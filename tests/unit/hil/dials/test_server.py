"""The bench's page is for this machine's own browser alone, and says why a dial was not turned."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import psutil
import pytest

from hil.dials.bench import Bench
from hil.dials.panel import Panel
from hil.dials.server import Page, serving
from hil.dials.turns import read_log
from hil.dials.ward import bench_ward
from hil.dials.watch import Watch
from hil.ward import Folder

WARD = bench_ward(1)
TURN = {"bed": "bed-1", "device": None, "dial": "spo2", "value": 82}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    watch = Watch(Folder(tmp_path), WARD)
    return Bench(Folder(tmp_path), WARD, Panel(WARD, {}), watch.turned)


@pytest.fixture
async def address(bench: Bench, tmp_path: Path) -> AsyncIterator[str]:
    page = Page(bench, Watch(Folder(tmp_path), WARD), "http://localhost:8080")
    async with serving(page, 0) as where:
        yield where


def listening(port: int) -> list[str]:
    """On which addresses."""
    mine = (one.laddr for one in psutil.Process().net_connections("inet") if one.status == "LISTEN")
    return [where.ip for where in mine if where.port == port]


async def ask(
    address: str, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, str, dict[str, str]]:
    data = None if body is None else body if isinstance(body, str) else json.dumps(body)
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, address + path, data=data, headers=headers) as answer,
    ):
        return answer.status, await answer.text(), dict(answer.headers)


async def turn(address: str, body: object, **headers: str) -> tuple[int, str]:
    own = {"Origin": address, "Content-Type": "application/json"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    status, text, _ = await ask(address, "POST", "/api/turn", body, **{**own, **named})
    return status, text


async def test_a_turn_of_the_own_page_is_done_and_answered(address: str, bench: Bench) -> None:
    status, text = await turn(address, TURN)
    assert status == 200
    assert json.loads(text)["value"] == 82
    assert bench.dials["bed-1"].patient.spo2 == 82


async def test_a_dial_out_of_range_is_refused_with_a_message_that_helps(address: str, bench: Bench) -> None:
    assert await turn(address, {**TURN, "value": 300}) == (
        422,
        '{"error": "spo2: expected 40 to 100 %, got 300"}',
    )
    for bad in (
        "{",
        "[]",
        '{"bed": "bed-1"}',
        json.dumps({**TURN, "more": 1}),
        json.dumps({**TURN, "value": [1]}),
    ):
        status, text = await turn(address, bad)
        assert status == 422
        assert json.loads(text)["error"]
    assert bench.dials["bed-1"].patient.spo2 is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Host": "evil.example"}, 421),
    ],
)
async def test_no_other_sites_page_turns_anything(
    address: str, bench: Bench, headers: dict[str, str], status: int
) -> None:
    assert (await turn(address, TURN, **headers))[0] == status
    assert bench.dials["bed-1"].patient.spo2 is None
    assert (await turn(address, TURN))[0] == 200


async def test_the_page_and_what_it_needs_are_served_under_a_strict_policy(address: str) -> None:
    for path in ("/", "/main.js", "/words/zh.js", "/bench.css", "/screen/freshness.js", "/api/panel"):
        status, _, headers = await ask(address, "GET", path)
        assert status == 200, path
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert (await ask(address, "GET", "/../cli.py"))[0] == 404


async def test_the_log_is_downloaded_as_it_can_be_replayed(
    address: str, bench: Bench, tmp_path: Path
) -> None:
    await turn(address, TURN)
    _, text, headers = await ask(address, "GET", "/turns.jsonl")
    assert headers["Content-Disposition"] == 'attachment; filename="turns.jsonl"'
    (saved := tmp_path / "saved.jsonl").write_text(text)
    assert read_log(saved) == read_log(bench.log.path)
    assert json.loads((await ask(address, "GET", "/delays.json"))[1]) == {"table": [], "measured": []}


async def test_it_is_heard_on_the_loopback_alone(address: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{address}/api/live") as live:
        kind, data = (await live.content.readuntil(b"\n\n")).decode().strip().split("\n")
    assert kind == "event: state"
    assert json.loads(data.removeprefix("data: "))["board"]["known"] is False
    port = int(address.rpartition(":")[2])
    assert listening(port) == ["127.0.0.1"]
