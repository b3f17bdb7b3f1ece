"""How soon the first image of a study is on a tablet's screen, over a line of 20 Mbit/s and 40 ms.

    ./run bench first-image [--rounds N]

The real controller and its archive, the board's page in Chromium, and between them the network of
`hil.faults.wan`, packet by packet: 40 ms each round trip, 20 Mbit/s each way. Measured in the page, from the
press on a study until its image is on the canvas: of studies whose first picture was fetched before it was
wanted, and of others. Needs root, and Chromium.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from playwright.async_api import Page, async_playwright

from controller.imaging.client import ImagingClient
from controller.imaging.sight import WHOLE
from controller.imaging.speaker import Speaker
from controller.ports import free_port
from hil.faults.namespace import in_namespace
from hil.faults.wan import HOSPITAL, PERFECT, Conditions, Wan
from hil.prepare import enrol, write_controller_config
from hil.processes import Kept
from hil.sims.imaging.head import head_ct
from hil.sims.imaging.objects import Examination, Patient
from hil.until import until
from hil.ward import NURSE, Folder, six_kinds

LINK = Conditions(delay_s=0.020, rate_bps=20e6, queue_bytes=250_000)
"""One way."""
STUDIES, SLICES = 6, 20
BEFORE = 3
"""Of the newest studies the first picture is fetched before (controller/web/images/studies.js)."""
ROUNDS = 10
NAME = "localhost"
"""Browsers take the session's cookie from this name over plain HTTP; here it leads through the network."""
_BOUNDARY = "part-of-a-bench"
_MEDIA = {"Content-Type": f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'}
_CHROMIUM = "/usr/bin/chromium"
_READY_S = 90.0
_ROOT = Path(__file__).parents[2]
_PRESS = """study => new Promise(done => {
  const began = performance.now();
  document.querySelectorAll('#bed .studies button')[study].click();
  const look = () => {
    const canvas = document.querySelector('.viewer canvas');
    const pixel = canvas?.width > 1 && canvas.getContext('2d')
      .getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data;
    if (pixel && pixel[3] > 0) done(performance.now() - began);
    else requestAnimationFrame(look);
  };
  look();
})"""


@dataclass(slots=True)
class Measured:
    """Milliseconds from the press to the image."""

    before: list[float] = field(default_factory=list[float])
    """Of studies whose first picture was there."""
    anew: list[float] = field(default_factory=list[float])
    carried: int = 0
    """Bytes that came over the line meanwhile."""


async def measure(folder: Folder, rounds: int) -> Measured:
    """In an empty folder. Raises NotReady."""
    measured = Measured()

    async def inside() -> None:
        async with AsyncExitStack() as stack:
            wan = await stack.enter_async_context(Wan())
            port, password = await stack.enter_async_context(_controller(folder))
            for _ in range(rounds):
                # Each in a profile of its own: nothing of the round before is at hand.
                async with _board(port, password) as page:
                    await wan.set(LINK)
                    before = await wan.counts()
                    measured.anew.append(await _shown(page, BEFORE + 1))
                    measured.before.append(await _shown(page, 0))
                    measured.carried += (await wan.counts() - before)["down-link-bytes"]
                    await wan.set(PERFECT)

    await in_namespace(inside)
    return measured


@asynccontextmanager
async def _controller(folder: Folder) -> AsyncIterator[tuple[int, str]]:
    """Running, with studies of the first bed's patient; its port, and the nurse's password."""
    http, mqtt, images = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT", "images"))
    config = write_controller_config(folder, http, mqtt, imaging=images)
    ward = six_kinds(1)
    password = await enrol(folder, config, ward)
    argv = [sys.executable, "-m", "wardlink", "controller", "run", str(config)]
    died: list[str] = []
    kept = Kept(
        "controller", argv, log=folder.log("controller"), died=lambda who, *_: died.append(who), cwd=_ROOT
    )
    await kept.start()
    try:
        inside = folder.controller / "run" / "imaging.sock"
        await until("the archive of images is up", inside.exists, _READY_S)
        await _fill(inside, Patient(ward.beds[0].patient_identifier, "Example^Ada", "19800214", "F"))
        yield http, password
    finally:
        await kept.stop()


async def _fill(inside: Path, patient: Patient) -> None:
    client, speaker = ImagingClient(inside), Speaker("bench", "", frozenset({"imaging:write"}), WHOLE)
    try:
        for study in range(STUDIES):
            at = datetime(2026, 11, 26, 8 + study, tzinfo=UTC)
            files = list(head_ct(Examination(patient, at, seed=study), SLICES))
            async with client.request(
                speaker, "POST", "/dicom-web/studies", headers=_MEDIA, data=_related(files)
            ) as answer:
                await answer.read()
    finally:
        await client.close()


def _related(files: Sequence[bytes]) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + file + b"\r\n" for file in files) + f"--{_BOUNDARY}--\r\n".encode()


@asynccontextmanager
async def _board(port: int, password: str) -> AsyncIterator[Page]:
    """A tablet with the bed's panel open, its studies listed, and what is fetched before at hand."""
    arguments = ["--no-sandbox", f"--host-resolver-rules=MAP {NAME} {HOSPITAL}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=arguments)
        try:
            context = await browser.new_context(viewport={"width": 800, "height": 1180}, locale="en")
            page = await context.new_page()
            fetched: list[str] = []

            def note(path: str) -> None:
                if "/rendered" in path:
                    fetched.append(path)

            page.on("requestfinished", lambda one: note(one.url))
            await page.goto(f"http://{NAME}:{port}/login")
            await page.fill("#user", NURSE)
            await page.fill("#password", password)
            await page.keyboard.press("Enter")
            await page.locator(".tile").first.click()
            await page.locator("#bed .studies li").nth(STUDIES - 1).wait_for()
            await until("the first pictures are there", lambda: len(fetched) == BEFORE)
            yield page
        finally:
            await browser.close()


async def _shown(page: Page, study: int) -> float:
    took_ms = await page.evaluate(_PRESS, study)
    await page.locator(".viewer .close").click()
    await page.locator(".viewer").wait_for(state="hidden")
    return took_ms


def told(measured: Measured) -> list[str]:
    """The figures, in words."""
    names = {"fetched before": measured.before, "asked for when pressed": measured.anew}
    lines = [
        f"first image, {name}: median {median(took):.0f} ms, worst of {len(took)} {max(took):.0f} ms"
        for name, took in names.items()
    ]
    return [*lines, f"over the line: {measured.carried / len(measured.anew) / 1000:.0f} kB a round"]
