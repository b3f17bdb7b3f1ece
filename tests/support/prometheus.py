"""Debian's Prometheus, which scrapes what it is told to each second.

async with prometheus(folder, {"wardlink": ("127.0.0.1:8080", token)}) as ask:
    await ask("up")               # the samples of a query
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from controller.ports import free_port

Ask = Callable[[str], Awaitable[list[Any]]]


@asynccontextmanager
async def prometheus(folder: Path, targets: Mapping[str, tuple[str, str]]) -> AsyncIterator[Ask]:
    """Inside the block; `targets` by job: address, and a token or ""."""
    port = free_port("127.0.0.1", 0, "Prometheus")
    jobs = [
        {"job_name": job, "static_configs": [{"targets": [at]}]}
        | ({"authorization": {"type": "Bearer", "credentials": token}} if token else {})
        for job, (at, token) in targets.items()
    ]
    file = folder / "prometheus.yml"  # JSON is YAML
    text = json.dumps({"global": {"scrape_interval": "2s", "scrape_timeout": "2s"}, "scrape_configs": jobs})
    file.write_text(text, encoding="utf-8")
    options = f"--config.file={file}", f"--storage.tsdb.path={folder / 'tsdb'}"
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "prometheus", *options, f"--web.listen-address=127.0.0.1:{port}", stdout=log, stderr=log
        )
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

            async def ask(query: str) -> list[Any]:
                async with session.get("/api/v1/query", params={"query": query}) as response:
                    told = await response.json()
                    assert told["status"] == "success", f"{query}: {told}"
                    return told["data"]["result"]

            await _until_ready(session)
            await _until_scraped(ask, len(targets))
            yield ask
    finally:
        process.terminate()
        await process.wait()


async def _until_ready(session: aiohttp.ClientSession) -> None:
    """Before, it refuses connections, and then answers 503 for a while."""
    async with asyncio.timeout(60):
        while True:
            with suppress(aiohttp.ClientConnectionError):
                async with session.get("/-/ready") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.2)


async def _until_scraped(ask: Ask, targets: int) -> None:
    """Each of them three times: a rate needs two samples."""
    async with asyncio.timeout(100):
        while True:
            if len(await ask("count_over_time(process_cpu_seconds_total[1h]) >= 3")) == targets:
                return
            await asyncio.sleep(0.2)
