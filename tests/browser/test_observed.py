"""A reading's way is seen from the cable to the screen; what rules and dashboards ask for is there."""

import json
import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from playwright.async_api import Browser, expect
from prometheus_client.parser import text_string_to_metric_families

from devices.wire.traces import STAGES
from tests.support.controller import PASSWORD
from tests.support.observed import NAMES, Seen, observed, samples
from tests.support.prometheus import prometheus
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "wardlink.rules.yml"
DASHBOARDS = sorted((DEPLOY / "grafana").glob("*.json"))
EMPTY = {
    "rate(wardlink_gateway_codec_rejects_total[15m])",
    "sum by (reason) (increase(wardlink_ingest_refused_total[1h]))",
    "topk(10, max by (gateway) (wardlink_gateway_clock_error_seconds))",
}
"""What shows nothing where all is well, and where the kernel does not say how wrong its clock may be."""
WHOLE = [f"wardlink {stage}" for stage in STAGES]
_ENDS = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seen]:
    async with observed(tmp_path_factory.mktemp("observed")) as running:
        yield running


def whole(seen: Seen) -> list[dict[str, Span]]:
    """The traces that have every stage."""
    return [spans for spans in seen.traces.traces().values() if set(WHOLE) <= spans.keys()]


async def test_the_trace_of_a_reading_has_every_stage_from_the_cable_to_the_screen(
    seen: Seen, browser: Browser
) -> None:
    page = await browser.new_page()
    who = {"user": "nurse", "password": PASSWORD}
    answer = await page.context.request.post(
        f"{seen.http}/api/login", data=who, headers={"Origin": seen.http}
    )
    assert answer.ok
    await page.goto(seen.http)
    await expect(page.locator(".tile .cell.spo2 .number")).to_have_text("97")
    await until(lambda: bool(whole(seen)), "a trace of every stage")
    await page.context.close()
    spans = whole(seen)[0]
    in_order = [spans[name] for name in WHOLE]
    for before, span in pairwise(in_order):
        assert span.parent_span_id == before.span_id
        # The event's own time is in whole milliseconds.
        assert span.start_time_unix_nano >= before.start_time_unix_nano - 1_000_000
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano for span in in_order)
    assert not in_order[0].parent_span_id
    services = {name: service for service, span in seen.traces.spans if (name := span.name)}
    assert [services[name] for name in WHOLE] == ["wardlink-gateway"] * 4 + ["wardlink-controller"] * 4


def names_in(text: str) -> set[str]:
    """All that are exposed."""
    return {f.name + end for f in text_string_to_metric_families(text) for end in _ENDS.get(f.type, [""])}


async def test_every_metric_that_rules_and_dashboards_ask_for_is_exposed(seen: Seen) -> None:
    both = await seen.scrape()
    exposed = names_in(both["controller"]) | names_in(both["gateway"])
    asked = [RULES.read_text(encoding="utf-8"), *(one.read_text(encoding="utf-8") for one in DASHBOARDS)]
    named = {name for text in asked for name in re.findall(r"\bwardlink_[a-z_]+", text)}
    assert len(DASHBOARDS) == 4
    assert named - exposed == set()


async def test_every_panel_of_the_dashboards_shows_something_of_a_hospital_that_runs(
    seen: Seen, tmp_path: Path
) -> None:
    boards = [json.loads(one.read_text(encoding="utf-8")) for one in DASHBOARDS]
    asked = [target["expr"] for board in boards for one in board["panels"] for target in one["targets"]]
    targets = {
        "wardlink": (seen.http.removeprefix("http://"), seen.token),
        "wardlink-gateway": (seen.gateway.removeprefix("http://"), ""),
    }
    async with prometheus(tmp_path, targets) as ask:
        empty = {query for query in asked if not await ask(query)}
    assert len(asked) > 40
    assert empty <= EMPTY, empty - EMPTY


async def test_no_metric_names_a_patient_a_bed_or_a_device(seen: Seen) -> None:
    both = await seen.scrape()
    assert [name for name in NAMES if name in both["controller"] + both["gateway"]] == []


async def test_both_sides_count_the_same_blocks(seen: Seen) -> None:
    async def committed() -> float:
        found = samples((await seen.scrape())["controller"])
        return sum(v for labels, v in found["wardlink_ledger_blocks_total"] if labels["lane"] == "vital")

    before = await committed()
    assert before > 0
    both = {side: samples(text) for side, text in (await seen.scrape()).items()}
    [(_, up)] = both["controller"]["wardlink_gateway_up"]
    [(_, online)] = both["gateway"]["wardlink_gateway_controller_online"]
    assert (up, online) == (1, 1)
    records = {
        tuple(sorted(labels.items())): v for labels, v in both["controller"]["wardlink_ingest_records_total"]
    }
    [(_, readings)] = both["gateway"]["wardlink_gateway_readings_total"]
    assert 0 < records[("kind", "reading"), ("lane", "vital")] <= readings


async def test_a_box_says_that_it_is_alive_and_ready(seen: Seen) -> None:
    async with aiohttp.ClientSession(seen.gateway) as session:
        for path, says in (("/healthz", "ok\n"), ("/readyz", "ready\n")):
            async with session.get(path) as response:
                assert (response.status, await response.text()) == (200, says)


async def test_a_box_tells_what_only_it_knows(seen: Seen) -> None:
    found = samples((await seen.scrape())["gateway"])
    links = {
        (labels["link"], labels["connected"]): value for labels, value in found["wardlink_gateway_links"]
    }
    assert links["serial", "true"] == 1
    assert found["wardlink_gateway_journal_commit_seconds_count"][0][1] > 0
    assert found["wardlink_gateway_journal_quota_bytes"][0][1] == 512e6
