"""`wardlink gateway enrol`: as an engineer types it, again and again, and what it says."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.enrolment.identity import IdentityFolder
from tests.support.est import Est

ROOT = Path(__file__).parents[4]
PAGE = "127.0.0.1:0"


def configured(tmp_path: Path, gateway: str = "ward-a") -> Path:
    path = tmp_path / "box.toml"
    path.write_text(f'[gateway]\nid = "{gateway}"\ndata = "data"\n', encoding="utf-8")
    return path


async def started(config: Path, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-m", "wardlink", "gateway", "enrol", str(config), *options),
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def enrolled(config: Path, *options: str, typed: str = "") -> tuple[int | None, str]:
    """(exit code, what it said)."""
    process = await started(config, *options)
    said, _ = await process.communicate(typed.encode())
    return process.returncode, said.decode()


async def test_a_claim_in_a_file_enrols_and_again_it_has_nothing_to_do(est: Est, tmp_path: Path) -> None:
    config, claim = configured(tmp_path), await est.claim("ward-a")
    (tmp_path / "ward-a.claim").write_text(claim.to_text())
    options = "--claim", str(tmp_path / "ward-a.claim")
    code, said = await enrolled(config, *options)
    assert (code, "ward-a: enrolled until" in said) == (0, True)
    assert f"next: `wardlink gateway run {config}`; delete {tmp_path / 'ward-a.claim'}" in said
    code, said = await enrolled(config, *options)
    assert (code, "enrolled already" in said) == (0, True)
    assert len(est.tokens) == 1
    assert claim.token not in said


async def test_a_claim_can_be_typed_and_an_identity_replaced(est: Est, tmp_path: Path) -> None:
    config, folder = configured(tmp_path), IdentityFolder(tmp_path / "data" / "identity")
    code, _ = await enrolled(config, "--claim", "-", typed=(await est.claim("ward-a")).to_text() + "\n")
    first = folder.load()
    again = (await est.claim("ward-a")).to_text()
    code, _ = await enrolled(config, "--claim", "-", "--replace", typed=again)
    assert code == 0
    assert folder.load().chain != first.chain


async def test_a_claim_on_the_page_ends_the_command(est: Est, tmp_path: Path) -> None:
    process = await started(configured(tmp_path), "--page", PAGE)
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    assert line.startswith("waits for its claim: open http://127.0.0.1:")
    page = line.split()[5]
    form = {"claim": (await est.claim("ward-a")).to_text()}
    async with aiohttp.ClientSession(page, headers={"Origin": page.rstrip("/")}) as browser:
        async with browser.post("/", data=form, allow_redirects=False) as answer:
            assert answer.status == 303
        while "Enrolled" not in await (await browser.get("/")).text():  # noqa: ASYNC110 - as it refreshes
            await asyncio.sleep(0.05)
    said, _ = await process.communicate()
    assert (process.returncode, b"ward-a: enrolled until" in said) == (0, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "give the claim by --claim"),
        (("--claim", "x", "--page", PAGE), "give the claim by --claim"),
        (("--claim", "none"), "none: no claim can be read there"),
        (("--claim", "-"), "expected a claim in JSON"),
        (("--page", "0.0.0.0:80"), "not for everyone"),
        (("--serial", "/dev/none"), "group dialout"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, ["enrol", str(configured(tmp_path)), *options], input="x\n")
    assert (result.exit_code, said in result.output) == (1, True)
    assert "Traceback" not in result.output


async def test_a_claim_for_another_box_changes_nothing(est: Est, tmp_path: Path) -> None:
    claim = await est.claim("ward-b")
    code, said = await enrolled(configured(tmp_path), "--claim", "-", typed=claim.to_text())
    assert (code, "this box is 'ward-a'" in said) == (1, True)
    assert not (tmp_path / "data").exists()
