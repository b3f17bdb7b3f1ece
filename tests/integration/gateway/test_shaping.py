"""Shaping with the kernel's own HTB, on an interface of a network namespace; its other end is read here."""

import asyncio
import ctypes
import json
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median

import pytest

from gateway.config import ControllerConfig, LaneConfig, LanesConfig
from gateway.discovery import Locator
from gateway.htb import Root, state
from gateway.shaping import Shaping
from hil.faults.namespace import in_namespace, interface_up, open_tun
from hil.faults.wan import HOSPITAL, Wan
from tests.integration.gateway.rig import GatewayProcess, write_config
from tests.support.broker_process import BrokerProcess, free_port
from tests.support.waiting import until

WAN = "wan0"
UP, HERE, THERE = "up0", "10.77.0.1", "10.77.0.2"
URL = f"mqtts://{THERE}:8883"
ALERT, WAVE = 46, 0
LINK_KBIT, SHAPED_KBIT = 2000, 1700
ALERT_BYTES, FLOOD_BYTES = 100, 1200
ALERT_EVERY_S, ALERTS, BACKLOG = 0.03, 20, 250
_PR_CAPBSET_DROP, _CAP_NET_ADMIN = 24, 12

MARKED = 20
"""Packets of each mark and family."""


def tc(*arguments: str) -> str:
    return subprocess.run(["tc", *arguments], check=True, capture_output=True, text=True).stdout


def have_ipv6() -> None:
    subprocess.run(["ip", "addr", "add", "fd77::1/64", "dev", UP, "nodad"], check=True)


def root(interface: str = UP) -> Root:
    return state(tc("-j", "qdisc", "show", "dev", interface))


def opened() -> int:
    handle = open_tun(UP)
    interface_up(UP, HERE, "255.255.255.0")
    return handle


def locator(**more: object) -> Locator:
    return Locator(ControllerConfig.model_validate({"address": URL, "shape_kbit": SHAPED_KBIT, **more}))


@asynccontextmanager
async def shaping(where: Locator) -> AsyncIterator[None]:
    task = asyncio.create_task(Shaping(where).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def sender(dscp: int, family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, dscp << 2)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, dscp << 2)
    sock.setblocking(False)
    return sock


async def carry(handle: int, ages_s: list[float]) -> None:
    """The uplink behind the interface: one plain queue, LINK_KBIT; how long alerts took through it."""
    free = time.monotonic()
    while True:
        try:
            packet = os.read(handle, 2048)
        except BlockingIOError:
            await asyncio.sleep(0.001)
            free = max(free, time.monotonic())
            continue
        free += len(packet) * 8 / (LINK_KBIT * 1000)
        await asyncio.sleep(max(0.0, free - time.monotonic()))
        if packet[0] >> 4 == 4 and packet[1] >> 2 == ALERT:
            ages_s.append(time.monotonic() - float(packet[28:].split()[0]))


async def flood() -> None:
    """A backlog that the uplink's queue can just hold, and from then on as much as the uplink carries."""
    with sender(WAVE) as sock:
        waiting = BACKLOG
        while True:
            with suppress(BlockingIOError):
                for _ in range(waiting):
                    sock.sendto(bytes(FLOOD_BYTES), (THERE, 9))
            waiting = 1
            await asyncio.sleep(FLOOD_BYTES * 8 / (LINK_KBIT * 1000))


async def alerts_s(handle: int) -> float:
    """How long an alert takes beside a flood on the waveforms' mark, seconds: the median."""
    ages_s: list[float] = []
    tasks = [asyncio.create_task(flood())]
    await asyncio.sleep(0)  # the backlog is there
    tasks.append(asyncio.create_task(carry(handle, ages_s)))
    with sender(ALERT) as sock:
        for _ in range(ALERTS):
            sock.sendto(f"{time.monotonic()} ".encode().ljust(ALERT_BYTES), (THERE, 9))
            await asyncio.sleep(ALERT_EVERY_S)
    tasks[0].cancel()
    await until(lambda: len(ages_s) == ALERTS, "every alert came")
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return median(ages_s)


async def test_a_flood_of_waveforms_does_not_slow_alerts_as_it_does_without_shaping() -> None:
    async def both() -> tuple[float, float]:
        handle = opened()
        without = await alerts_s(handle)
        async with shaping(locator()):
            await until(lambda: root() is Root.OURS, "it is shaped")
            return without, await alerts_s(handle)

    without, shaped = await in_namespace(both)
    assert shaped < without / 5


def sent_by_class() -> dict[str, int]:
    """Packets, by the second half of the class's name."""
    lines, counts, name = tc("-s", "class", "show", "dev", UP).split("\n"), dict[str, int](), ""
    for line in lines:
        words = line.split()
        if words[:2] == ["class", "htb"]:
            name = words[2].partition(":")[2]
        elif words[:1] == ["Sent"]:
            counts[name] = int(words[3])
    return counts


async def test_each_mark_has_a_class_of_its_own_over_ipv4_and_ipv6_and_the_rest_another() -> None:
    async def work() -> list[dict[str, int]]:
        opened()
        have_ipv6()
        async with shaping(locator()):
            await until(lambda: root() is Root.OURS, "it is shaped")
            seen: list[dict[str, int]] = []
            for dscp in (46, 34, 0, 8, 12):
                before = sent_by_class()
                for family, host in ((socket.AF_INET, THERE), (socket.AF_INET6, "fd77::2")):
                    with sender(dscp, family) as sock:
                        for _ in range(MARKED):
                            sock.sendto(b"x", (host, 9))
                more = {n: count - before[n] for n, count in sent_by_class().items()}
                # IPv6 looks for routers and neighbours by itself now and then, with fewer packets than these.
                families = {n: count // MARKED for n, count in more.items() if n != "1"}
                seen.append({n: count for n, count in families.items() if count})
        return seen

    assert await in_namespace(work) == [{"10": 2}, {"20": 2}, {"30": 2}, {"40": 2}, {"50": 2}]


async def test_at_the_end_the_interface_is_as_it_was() -> None:
    async def work() -> tuple[str, Root, str]:
        opened()
        before = tc("qdisc", "show", "dev", UP)
        async with shaping(locator()):
            await until(lambda: root() is Root.OURS, "it is shaped")
            meanwhile = root()
        return before, meanwhile, tc("qdisc", "show", "dev", UP)

    before, meanwhile, after = await in_namespace(work)
    assert meanwhile is Root.OURS
    assert after == before


async def test_marks_that_are_set_from_afar_are_followed() -> None:
    def has_mark(dscp: int) -> bool:
        filters = json.loads(tc("-j", "filter", "show", "dev", UP))
        matches = [one["options"] for one in filters if "flowid" in one.get("options", {})]
        return f"{dscp << 2:x}0000" in [
            one["match"]["value"] for one in matches if one["flowid"] == "5741:10"
        ]

    async def work() -> None:
        opened()
        where = locator()
        async with shaping(where):
            await until(lambda: root() is Root.OURS and has_mark(ALERT), "it is shaped")
            lanes = LanesConfig(alert=LaneConfig(dscp=44))
            where.config = where.config.model_copy(update={"lanes": lanes})
            await until(lambda: root() is Root.OURS and has_mark(44), "the mark is another")

    await in_namespace(work)


async def test_what_somebody_else_set_is_not_touched_and_that_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work() -> tuple[str, str]:
        opened()
        tc("qdisc", "add", "dev", UP, "root", "handle", "9:", "pfifo", "limit", "77")
        before = tc("qdisc", "show", "dev", UP)
        async with shaping(locator()):
            await until(lambda: "somebody else" in caplog.text, "it is said")
        return before, tc("qdisc", "show", "dev", UP)

    before, after = await in_namespace(work)
    assert after == before


async def test_what_somebody_sets_later_is_theirs_at_the_end_too() -> None:
    async def work() -> str:
        opened()
        async with shaping(locator()):
            await until(lambda: root() is Root.OURS, "it is shaped")
            tc("qdisc", "del", "dev", UP, "root")
            tc("qdisc", "add", "dev", UP, "root", "handle", "9:", "pfifo", "limit", "77")
        return tc("qdisc", "show", "dev", UP)

    assert "limit 77p" in await in_namespace(work)


def drop_net_admin() -> None:
    """This thread, and what it starts, may not set networks any more: for good."""
    assert ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_NET_ADMIN, 0, 0, 0) == 0


async def test_without_the_right_it_says_so_once_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> Root:
        opened()
        drop_net_admin()
        one = Shaping(locator())
        for _ in range(2):
            task = asyncio.create_task(one.run())
            await until(lambda: "CAP_NET_ADMIN" in caplog.text, "it is said")
            assert not task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return root()

    assert await in_namespace(work) is Root.KERNEL
    assert caplog.text.count("CAP_NET_ADMIN") == 1


async def test_without_iproute2_it_says_what_to_install(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with shaping(locator()):
        await until(lambda: "install iproute2" in caplog.text, "it is said")


async def test_a_controller_on_this_host_is_no_reason_to_shape_anything(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with shaping(locator(address="mqtts://127.0.0.1:8883")):
        await until(lambda: "is on this host" in caplog.text, "it is said")


async def test_a_gateway_that_is_not_told_to_shapes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def work() -> Root:
        opened()
        async with shaping(locator(shape_kbit=None)):
            await asyncio.sleep(0.2)
        return root()

    assert await in_namespace(work) is Root.KERNEL
    assert caplog.text == ""


async def test_a_gateway_shapes_and_what_it_left_by_a_crash_its_next_start_replaces(tmp_path: Path) -> None:
    """The whole process, killed and started again, then ended as it should be. Nobody answers it."""
    broker, url = BrokerProcess(tmp_path / "broker", "ward-a"), f"mqtts://{HOSPITAL}:{free_port()}"
    kept = {"identity": broker.identity("ward-a"), "extra": f"shape_kbit = {SHAPED_KBIT}"}
    config = write_config(tmp_path, url, "/dev/null", **kept)

    async def work() -> Root:
        async with Wan():
            with GatewayProcess(config) as gateway:
                await until(lambda: root(WAN) is Root.OURS, "it is shaped")
                gateway.end(signal.SIGKILL)
                assert root(WAN) is Root.OURS
                config.write_text(config.read_text().replace(str(SHAPED_KBIT), "900"))
                gateway.start()
                await until(lambda: "ceil 900Kbit" in tc("class", "show", "dev", WAN), "it is shaped anew")
                gateway.end(signal.SIGTERM)
            return root(WAN)

    assert await in_namespace(work) is Root.KERNEL
