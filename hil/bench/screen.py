"""From a sensor to the number on a nurse's screen: fifty beds, a real gateway, controller and Chromium.

Beside it, in the same run: the event at a plain HTTP client, which is the same way without a browser; and an
empty page's frames, which is what the machine can draw while everything else runs.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hil.bench.first_light import Row
from hil.bench.listen import Came, Span, listening
from hil.bench.screen_page import Watched, browser, open_board, open_page, watch
from hil.bench.site import kept, percentiles, site
from hil.prepare import write_gateway_config
from hil.ward import SERIAL_OXIMETER, Folder, Ward, six_kinds

REQUIRED_FPS = 55
VITALS = {"hr": "hr", "spo2": "spo2", "temp_body": "temp"}
"""Vital sign of a tile by the metric that is shown there."""
_EMPTY_S = 10.0
_SETTLE_S = 5.0

Say = Callable[[str], None]
Sent = dict[tuple[str, str], list[tuple[int, str]]]
"""What the devices of a bed sent, in order: (when, as it is written on a tile), by bed and metric."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds since the simulated device sent it; and how many `strange` numbers no device had sent."""

    ms: list[float]
    strange: int


@dataclass(frozen=True, slots=True)
class Screen:
    """What was measured; CPU in cores."""

    beds: int
    painted: Delays
    event: Delays
    board: Watched
    empty: Watched
    span: Span


def fifty(beds: int) -> Ward:
    """A strap, a thermometer and a serial oximeter with a pleth at each bed."""
    ward = six_kinds(beds)
    wired = (
        replace(one, profile=SERIAL_OXIMETER, address=None) if one.id.startswith("ox-") else one
        for one in ward.devices
    )
    return replace(ward, devices=tuple(wired))


async def measure(root: Path, beds: int, seconds: float, say: Say, picture: Path | None = None) -> Screen:
    """Run the ward; once every tile is live, watch for `seconds`. `picture`: where the board is drawn to."""
    ward = fifty(beds)
    async with site(root, ward) as here:
        here.folder.save(ward.devices)
        config = write_gateway_config(here.folder, ward, f"mqtts://127.0.0.1:{here.mqtt_port}")
        gateway = kept(here.folder, "gateway", "hil.bench.screen_gateway", str(config), str(root))
        await gateway.start()
        try:
            assert gateway.pid is not None
            pids = {"controller": here.controller, "gateway": gateway.pid}
            async with listening(here) as heard, browser() as chromium:
                say(f"{beds} beds: waiting until all are live …")
                board = await open_board(chromium, here.http, here.password, beds)
                await asyncio.sleep(_SETTLE_S)
                if picture is not None:
                    await board.screenshot(path=picture)
                say(f"the board, for {seconds:.0f} s …")
                watched, span = await asyncio.gather(watch(board, seconds), heard.watch(pids, seconds))
                await board.close()
                say(f"an empty page, for {_EMPTY_S:.0f} s …")
                empty = await watch(await open_page(chromium), _EMPTY_S)
        finally:
            await gateway.stop()
        sent = sent_in(here.folder)
    painted = delays(sent, ((one.bed, one.vital, one.text, one.at_ns) for one in watched.painted))
    came = (
        one for one in heard.values if one.metric in VITALS and span.began_ns <= one.at_ns < span.ended_ns
    )
    return Screen(beds, painted, delays(sent, map(_shown, came)), watched, empty, span)


def _shown(came: Came) -> tuple[str, str, str, int]:
    return came.bed, VITALS[came.metric], text(came.metric, came.value), came.at_ns


def text(metric: str, value: float | None) -> str:
    """A value as a tile has it (screen/format.js): a temperature with a tenth, others whole."""
    if value is None:
        return "--"
    return f"{value:.1f}" if metric.startswith("temp") else f"{value:.0f}"


def sent_in(folder: Folder) -> Sent:
    """What the devices of `folder` wrote down."""
    sent: Sent = {}
    for device in folder.devices():
        for line in folder.emitted(device.id).read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            if one["metric"] in VITALS:
                key = device.bed, VITALS[one["metric"]]
                sent.setdefault(key, []).append((one["at"], text(one["metric"], one["value"])))
    return sent


def delays(sent: Sent, arrived: Iterable[tuple[str, str, str, int]]) -> Delays:
    """Since each (bed, vital sign, text, when) was last sent. Numbers repeat after 17 s at the soonest."""
    found: list[float] = []
    strange = 0
    for bed, vital, shown, at in arrived:
        before = (when for when, said in reversed(sent.get((bed, vital), [])) if said == shown and when <= at)
        if (when := next(before, None)) is None:
            strange += 1
        else:
            found.append((at - when) / 1e6)
    return Delays(found, strange)


def rows(screen: Screen) -> Iterator[Row]:
    """The table's lines, each beside its baseline."""
    board, empty = screen.board, screen.empty
    yield Row(
        "sensor → number painted, p50 / p99, ms",
        _points(screen.painted.ms, 50, 99),
        f"{_points(screen.event.ms, 50, 99)} (the event at a plain HTTP client)",
    )
    yield Row("numbers in that measurement", f"{len(screen.painted.ms)}", f"{len(screen.event.ms)}")
    yield Row(
        f"frames/s (≥ {REQUIRED_FPS})",
        f"{board.frames_per_s:.1f}",
        f"{empty.frames_per_s:.1f} (an empty page beside the same load)",
    )
    yield Row(
        "frame, p50 / p99 / longest, ms",
        _points(board.frame_ms, 50, 99, 100),
        _points(empty.frame_ms, 50, 99, 100),
    )
    yield Row(
        "tasks over 50 ms: how many, how long in all",
        f"{len(board.long_ms)}, {sum(board.long_ms):.0f} ms of {board.seconds:.0f} s",
        f"{len(empty.long_ms)}",
    )
    yield Row(
        "CPU of the page: scripts / main thread / browser, % of a core",
        " / ".join(f"{100 * cpu:.0f}" for cpu in (board.script_cpu, board.main_cpu, board.browser_cpu)),
        " / ".join(f"{100 * cpu:.0f}" for cpu in (empty.script_cpu, empty.main_cpu, empty.browser_cpu)),
    )
    yield Row("heap of the page, MB", f"{board.heap_mb:.1f}", f"{empty.heap_mb:.1f}")
    yield Row(
        "CPU of controller / gateway with its simulators, % of a core",
        " / ".join(f"{100 * screen.span.used[name].cpu_s:.0f}" for name in ("controller", "gateway")),
        "–",
    )
    yield Row("events/s, kB/s", f"{screen.span.events_per_s:.0f}, {screen.span.bytes_per_s / 1000:.0f}", "–")


def _points(values: Sequence[float], *per_cents: float) -> str:
    return " / ".join(f"{point:.0f}" for point in percentiles(values, *per_cents))


def problems(screen: Screen) -> list[str]:
    """What is not as it must be; too few frames count only as far as this machine draws an empty page."""
    possible = min(REQUIRED_FPS, 0.95 * screen.empty.frames_per_s)
    found = [] if screen.board.frames_per_s >= possible else [f"fewer than {possible:.0f} frames/s"]
    return found + [f"{screen.painted.strange} numbers that no device sent"] * bool(screen.painted.strange)
