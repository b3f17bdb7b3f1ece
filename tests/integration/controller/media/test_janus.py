"""Rooms of more than four with Debian's Janus as the controller's child: signalling, its door, its end."""

import os
import signal
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.api.media_context import FOLDER, MEDIA, media_families
from controller.errors import MediaError
from controller.identity.files import open_authority
from controller.sections import TelemedicineSection
from controller.security.permissions import Role
from controller.shards.duty import DUTY, Duty
from controller.telemedicine.media import config
from controller.telemedicine.media.janus import connected
from controller.telemedicine.media.service import Media
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import refusal
from tests.support.visits import Sitting, booked, room_of, sit
from tests.support.waiting import until

OFFER = "\r\n".join(
    (
        *("v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "a=msid-semantic: WMS"),
        *("m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0"),
        *("a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-options:trickle"),
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        *("a=setup:actpass", "a=mid:0", "a=sendonly", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2", ""),
    )
)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        controller.telemedicine = TelemedicineSection()
        yield await at_home(controller, stack)


def media(home: Home) -> Media:
    return home.controller.app[MEDIA]


async def seats(home: Home, count: int) -> list[Sitting]:
    visit = await booked(home, way="bedside", start_ms=None)
    return [await sit(home.nina, room_of(visit), f"{number:032d}") for number in range(count)]


async def era(told: AsyncIterator[tuple[int, Any]], after: int = 0) -> int:
    """Of the next word that pictures go by the server, in a later era."""
    async for _, message in told:
        if message["kind"] == "room" and message["mode"] == "sfu" and message["era"] > after:
            return message["era"]
    raise AssertionError("the stream ended")


async def answered(told: AsyncIterator[tuple[int, Any]]) -> Any:
    async for _, message in told:
        if message["kind"] == "signal" and message["from"] == 0:
            return message["body"]
    raise AssertionError("the stream ended")


async def test_whether_it_is_there_tells_the_controller_that_has_it_to_run_and_no_other(home: Home) -> None:
    await until(lambda: media(home).is_ready, "janus is there")
    [family] = media_families(home.controller.app)
    assert [one.value for one in family.samples] == [1]
    assert media_families({MEDIA: media(home), DUTY: Duty(is_shared=True)}) == []


async def test_what_the_fifth_offers_janus_answers_and_only_in_the_era_that_is(home: Home) -> None:
    await until(lambda: media(home).is_ready, "janus is there")
    fifth = (await seats(home, 5))[-1]
    async with fifth.told() as told:
        now = await era(told)
        offer = {"k": "publish", "n": 1, "sdp": OFFER}
        heard = await fifth.say(
            1,
            {"to": 0, "body": {**offer, "era": now - 1}},
            {"to": 0, "body": {**offer, "era": now, "sdp": "what no browser says"}},
            {"to": 0, "body": {**offer, "era": now, "n": 2}},
        )
        body = await answered(told)
    assert heard == 3
    assert (body["k"], body["era"], body["n"]) == ("published", now, 2)
    assert "a=ice-lite" in body["sdp"] and "127.0.0.1 " not in body["sdp"].partition("a=candidate")[2]


async def test_a_janus_that_is_killed_is_started_again_with_other_secrets_and_begins_another_era(
    home: Home,
) -> None:
    await until(lambda: media(home).is_ready, "janus is there")
    fifth = (await seats(home, 5))[-1]
    first, file = media(home).pid, home.controller.store.folder / FOLDER / "janus.jcfg"
    assert first is not None
    before = file.read_text(encoding="utf-8")
    async with fifth.told() as told:
        now = await era(told)
        os.kill(first, signal.SIGKILL)
        assert await era(told, now) == now + 1
    assert media(home).pid != first
    assert file.read_text(encoding="utf-8") != before


async def test_janus_is_spoken_to_on_loopback_by_who_knows_its_secret_and_by_nobody_else(home: Home) -> None:
    await until(lambda: media(home).is_ready, "janus is there")
    folder = home.controller.store.folder / FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.glob("*.jcfg")} == {0o600}
    started = media(home).started
    assert started is not None and started.url.startswith("ws://127.0.0.1:")
    assert started.secret not in repr(started)
    with pytest.raises(MediaError, match="403"):
        async with connected(replace(started, secret="another")):
            pass


async def test_with_the_controllers_end_janus_ends(home: Home) -> None:
    await until(lambda: media(home).is_ready, "janus is there")
    pid = media(home).pid
    await home.controller.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid or 0, 0)
    await home.controller.start()


async def test_where_janus_is_not_wanted_or_not_installed_the_fifth_is_refused_with_the_reason(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(config, "_LIBRARIES", "/nonexistent")
    await home.controller.stop()
    await home.controller.start()
    assert "janus is not installed: rooms of 4 at most; apt-get install" in caplog.text
    base = (await seats(home, 4))[0].base
    told = await refusal(home.nina, "POST", f"{base}/seats", json={"instance": "z" * 32})
    assert told == (409, "conflict")
