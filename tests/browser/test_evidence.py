"""The evidence of the firmware's oximeter as an auditor opens it: a real bundle's report in Chromium."""

import json
from asyncio import to_thread
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from typer.testing import CliRunner

from hil import cli
from hil.evidence.bundle import opened
from hil.evidence.compare import compared
from hil.evidence.run import Verdict
from hil.evidence.stored import read
from hil.evidence.summary import comparison_page
from tests.support.accessible import violations
from tests.support.evidence import bench_key, filled

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the bundle that `wardlink hil oximeter` makes: its verdict is the exit code."""
    folder = tmp_path_factory.mktemp("oximeter")
    words = ["oximeter", "--out", str(folder / "out"), "--keys", str(folder / "keys")]
    exit_code = CliRunner().invoke(cli.app, words).exit_code
    (path,) = (folder / "out").glob("*.zip")
    files = opened(path.read_bytes(), {bench_key(folder).fingerprint})
    assert exit_code == int(read(files).verdict is not Verdict.PASSED)
    return files


class Auditor:
    """A browser without a network; what the page asks for or complains of is kept."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.requests, self.complaints = list[str](), list[str]()

    async def opens(self, path: Path, data: bytes | str, *, scheme: str = "light", width: int = 1000) -> Page:
        """The page `data`, written to `path` as a person would do it."""
        await to_thread(path.write_bytes, data.encode() if isinstance(data, str) else data)
        context = await self._browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # pyright: ignore[reportArgumentType]
            offline=True,
        )
        page = await context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda said: self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(path.as_uri())
        return page


@pytest_asyncio.fixture(loop_scope="module")
async def auditor(browser: Browser) -> Auditor:
    return Auditor(browser)


async def test_it_asks_for_nothing_and_complains_of_nothing(
    auditor: Auditor, measured: dict[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    await auditor.opens(path, measured["report.html"])
    assert [url for url in auditor.requests if not url.startswith("data:")] == [path.as_uri()]
    assert auditor.complaints == []


async def test_every_number_of_the_measurements_is_on_the_page(
    auditor: Auditor, measured: dict[str, bytes], tmp_path: Path
) -> None:
    page = await auditor.opens(tmp_path / "report.html", measured["report.html"])
    shown = await page.eval_on_selector_all("data", "all => all.map(one => Number(one.value))")
    told = [one["measured"] for one in json.loads(measured["measurements.json"])]
    assert len(told) > 20
    assert {one["value"] for one in told} <= set(shown)
    for one in told:
        assert await page.get_by_role("rowheader", name=one["name"], exact=False).first.is_visible()


async def test_each_pair_is_a_dot_of_a_bland_altman_plot(
    auditor: Auditor, measured: dict[str, bytes], tmp_path: Path
) -> None:
    page = await auditor.opens(tmp_path / "report.html", measured["report.html"])
    plots = page.get_by_role("img", name="Bland–Altman")
    assert await plots.count() == 2
    for index, figure in enumerate(json.loads(measured["figures.json"])):
        assert await plots.nth(index).locator("circle").count() == len(figure["pairs"]) > 1000
        assert await plots.nth(index).locator("line.limit").count() == 2


async def test_it_says_what_was_faked_and_what_it_does_not_prove(
    auditor: Auditor, measured: dict[str, bytes], tmp_path: Path
) -> None:
    page = await auditor.opens(tmp_path / "report.html", measured["report.html"])
    await page.get_by_role("row", name="finger faked red and infrared light").wait_for()
    await page.get_by_text("The light is synthetic").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_anybody_can_read_it(auditor: Auditor, scheme: str, tmp_path: Path) -> None:
    record = filled(tmp_path).record
    evidence = filled(tmp_path / "run")
    files = opened(evidence.close(bench_key(tmp_path)).read_bytes(), {bench_key(tmp_path).fingerprint})
    for name, page in (
        ("report", files["report.html"]),
        ("compare", comparison_page(compared(record, record))),
    ):
        shown = await auditor.opens(tmp_path / f"{name}.html", page, scheme=scheme)
        found = await violations(shown)
        assert found == []


async def test_on_a_narrow_screen_nothing_but_tables_is_wider_than_it(
    auditor: Auditor, tmp_path: Path
) -> None:
    path = filled(tmp_path).close(bench_key(tmp_path))
    files = opened(path.read_bytes(), {bench_key(tmp_path).fingerprint})
    page = await auditor.opens(tmp_path / "report.html", files["report.html"], width=390)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_a_script_that_got_in_would_not_run(auditor: Auditor, tmp_path: Path) -> None:
    path = filled(tmp_path).close(bench_key(tmp_path))
    files = opened(path.read_bytes(), {bench_key(tmp_path).fingerprint})
    evil = files["report.html"].replace(b"</main>", b"<script>document.title = 'mine'</script></main>")
    page = await auditor.opens(tmp_path / "report.html", evil)
    assert await page.title() == "emulated, seed 7: passed"
    assert "Content Security Policy" in auditor.complaints[0]
    assert read(files).verdict == "passed"


async def test_on_paper_it_is_black_on_white_with_every_section(auditor: Auditor, tmp_path: Path) -> None:
    path = filled(tmp_path).close(bench_key(tmp_path))
    files = opened(path.read_bytes(), {bench_key(tmp_path).fingerprint})
    page = await auditor.opens(tmp_path / "report.html", files["report.html"], scheme="dark")
    await page.emulate_media(media="print")
    colours = "getComputedStyle(document.body)"
    assert (
        await page.evaluate(f"{colours}.backgroundColor + {colours}.color")
        == "rgb(255, 255, 255)rgb(0, 0, 0)"
    )
    assert (await page.pdf(format="A4")).startswith(b"%PDF")
