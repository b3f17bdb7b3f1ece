"""Another issuing certificate, another root: a gateway follows by itself, never without an identity."""

import random
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from gateway.enrolment.enrol import enrol
from gateway.enrolment.est import Est as EstClient
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.errors import EnrolmentError
from hil.simulation.disk import Disk
from tests.integration.gateway.enrolment.test_renewal import LIFE_DAYS, _until_it_ends, box, looked_after
from tests.support.est import DAY_S, Est, Times
from tests.support.waiting import until


async def test_with_the_next_issuing_certificate_it_renews_and_has_the_new_chain(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    async with box(est, folder, times) as one:
        est.succeed()
        times.let_pass(0.74 * LIFE_DAYS * DAY_S)
        await until(lambda: one.renewed, "renewal")
        held = one.held()
        assert one.first.chain[1] != held.chain[1] == est.authority.issuing
        assert held.roots == one.first.roots


async def test_a_new_root_is_pinned_when_the_old_one_vouches_for_it_and_the_old_one_stays(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    old = est.authority.root
    async with box(est, folder, times) as one:
        est.succeed(root=True)
        times.let_pass(0.74 * LIFE_DAYS * DAY_S)
        await until(lambda: one.renewed, "renewal")
        assert one.held().roots == (est.authority.root, old)
        assert one.held().chain[1] == est.authority.issuing


async def test_a_box_that_was_parked_during_two_rollovers_finds_its_way(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    async with box(est, folder, times) as one:
        first = est.authority.root
        est.succeed(root=True)
        second = est.authority.root
        est.succeed(root=True)
        times.let_pass(8 * 7 * DAY_S)
        await until(lambda: one.renewed, "renewal")
        assert one.held().roots == (est.authority.root, second, first)


async def test_a_claim_of_before_is_good_after_a_rollover(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    claim = await est.claim("ward-a")
    old = est.authority.root
    est.succeed(root=True)
    made = await enrol(folder, claim, None, times.gateway())
    assert made.roots == (est.authority.root, old)
    other = IdentityFolder(folder.path / "other")
    fresh = await enrol(other, await est.claim("ward-b"), None, times.gateway())
    assert fresh.roots == (est.authority.root,)


async def test_a_root_for_which_nobody_vouches_is_not_pinned(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    """It is offered without NewWithOld: so much could a thief of the server."""
    async with box(est, folder, times) as one:
        old = one.first.roots
        held = est.authority.held
        est.succeed(root=True)
        offered = est.authority.held
        est.authority._held = replace(held, root=offered.root)  # it signs as before, and names another root
        times.let_pass(0.74 * LIFE_DAYS * DAY_S)
        await until(lambda: one.renewed, "renewal")
        assert one.held().roots == old


async def test_a_box_with_only_the_old_root_knows_the_server_and_without_the_link_it_would_not(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    await enrol(folder, await est.claim("ward-a"), None, times.gateway())
    est.succeed(root=True)
    client = EstClient(est.address)
    assert est.authority.root in await client.authorities(folder.context())
    (est.folder / "links.pem").unlink()
    server = est.folder / "server.pem"
    server.write_bytes(server.read_bytes().rpartition(b"-----BEGIN CERTIFICATE")[0])
    est.tls.load_cert_chain(server)
    with pytest.raises(EnrolmentError, match="told nothing"):
        await client.authorities(folder.context())


async def test_killed_at_every_step_of_a_rollover_it_has_a_whole_identity_and_goes_on(
    est: Est, tmp_path: Path, times: Times
) -> None:
    kept = IdentityFolder(tmp_path / "kept" / "identity")
    await enrol(kept, await est.claim("ward-a"), None, times.gateway())
    est.succeed(root=True)
    times.let_pass(0.74 * LIFE_DAYS * DAY_S)
    steps: list[tuple[str, int]] = [("create", 99)]
    for number in count():
        root = tmp_path / f"box-{number}"
        root.mkdir()
        disk, folder = Disk(root, random.Random(1), lambda: 0), IdentityFolder(root / "identity")
        with disk.in_use():
            folder.install(kept.load())
            disk.passed.clear()
            disk.aim(*steps[number], "before")
            await _until_it_ends(folder, times)
            disk.close_all()
        if number == 0:
            steps += [(point, nth + 1) for point, times_ in disk.passed.items() for nth in range(times_)]
        assert folder.load().gateway == "ward-a"
        async with looked_after(folder, folder.load(), times) as one:
            await until(lambda one=one: _is_there(one.held(), est), "the new root and a certificate under it")
        if number + 1 == len(steps):
            break
    assert len(steps) > 10


def _is_there(held: Identity, est: Est) -> bool:
    return est.authority.root in held.roots and held.chain[1] == est.authority.issuing
