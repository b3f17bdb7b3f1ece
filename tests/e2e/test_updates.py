"""A box that updates itself: real launcher, gateway, controller, broker; signed releases."""

import signal
from collections.abc import AsyncIterator
from os import kill
from pathlib import Path

import pytest
import pytest_asyncio

from controller import ledger_report
from gateway.updates.launcher import Failure
from hil.faults.releases import CRASHES, NEVER_HEALTHY, UNFIT, bundle
from hil.faults.updating import Box, UpdateSite
from tests.support.waiting import until

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("updates"),
    pytest.mark.timeout(300),
]
GOOD, CRASHING, MUTE, STRANGE = 2, 3, 4, 5
SECONDS = 120.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[UpdateSite]:
    folder = tmp_path_factory.mktemp("updates")
    async with UpdateSite(folder / "site", trial_s=12.0) as site:
        twists = {GOOD: None, CRASHING: CRASHES, MUTE: NEVER_HEALTHY, STRANGE: UNFIT}
        site.publish(*(bundle(folder, number, twist) for number, twist in twists.items()))
        yield site


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("first"), 1)


async def started(site: UpdateSite, name: str, first: Path) -> Box:
    box = await site.box(name, first)
    await box.launcher.start()
    return box


def said(site: UpdateSite, name: str) -> list[tuple[int | str, int | str]]:
    return [(one["release"], one["progress"]) for one in site.progress(name)]


async def test_a_release_is_fetched_tried_and_installed_and_nothing_is_lost(
    site: UpdateSite, first: Path
) -> None:
    box = await started(site, "good", first)
    await site.use("good", GOOD)
    await until(lambda: (GOOD, "installed") in said(site, "good"), "it is installed", SECONDS)
    assert said(site, "good")[-2:] == [(GOOD, "trial"), (GOOD, "installed")]
    assert (box.state.good, box.state.trial, box.state.failures) == ("b", None, ())
    await box.launcher.stop(grace_s=30)
    found, _ = ledger_report.read_proof(site.database, "good")
    assert found
    assert all(one.sums["missing"] == one.sums["duplicated"] == 0 for one in found)


@pytest.mark.parametrize(
    ("name", "number", "why"),
    [("crash", CRASHING, "ended with status 1"), ("mute", MUTE, "not healthy within")],
)
async def test_a_release_that_does_not_get_healthy_is_left_for_the_old_one(
    site: UpdateSite, first: Path, name: str, number: int, why: str
) -> None:
    box = await started(site, name, first)
    revision = await site.use(name, number)
    await until(lambda: (number, "failed") in said(site, name), "it failed", SECONDS)
    assert box.state.good == "a"
    assert box.state.trial is None
    (failure,) = box.state.failures
    assert failure == Failure(number, revision, failure.why)
    assert why in failure.why
    assert why in str(site.progress(name)[-1]["why"])


async def test_a_release_that_does_not_take_the_configuration_is_never_tried(
    site: UpdateSite, first: Path
) -> None:
    box = await started(site, "strange", first)
    await site.use("strange", STRANGE)
    await until(lambda: (STRANGE, "refused") in said(site, "strange"), "it is refused", SECONDS)
    assert "unfit" in str(site.progress("strange")[-1]["why"])
    assert (box.state.good, box.state.trial, box.state.failures) == ("a", None, ())


async def test_a_launcher_that_is_killed_takes_its_gateway_with_it_and_goes_on_where_it_was(
    site: UpdateSite, first: Path
) -> None:
    box = await started(site, "killed", first)
    await site.use("killed", GOOD)
    await until(lambda: box.state.trial is not None, "the trial begins", SECONDS)
    assert box.launcher.pid is not None
    kill(box.launcher.pid, signal.SIGKILL)
    await until(lambda: (GOOD, "installed") in said(site, "killed"), "it is installed", SECONDS)
    assert box.launcher.starts == 2
    assert box.state.good == "b"
