"""Who gets an association, and what is negotiated on it. The peers: dcmtk's echoscu, pynetdicom's SCU."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, build_role
from pynetdicom.association import Association

from controller.imaging.dimse.contexts import COMMITMENT, PATIENT_ROOT, VERIFICATION
from controller.imaging.dimse.settings import May, Peer
from tests.support.dimse import (
    EVERYTHING,
    Identity,
    RunningDimse,
    identity,
    running_door,
    tls_of,
)

CT = "1.2.840.10008.5.1.4.1.1.2"
CT1 = Peer(title="CT1", host="127.0.0.1", may=frozenset({May.STORE}))


async def associate(
    dimse: RunningDimse, title: str, *contexts: str, called: str = "WARDLINK", **more: Any
) -> Association:
    entity = AE(title)
    for context in contexts or (VERIFICATION,):
        entity.add_requested_context(context)
    return await asyncio.to_thread(entity.associate, "127.0.0.1", dimse.port, ae_title=called, **more)


async def test_a_known_peer_gets_its_echo(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1) as dimse:
        said = await dimse.tool("echoscu", "CT1")
        assert said.status == 0, said


async def test_an_unknown_title_is_rejected_and_the_known_one_beside_it_is_not(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1) as dimse:
        stranger, known = await associate(dimse, "CT2"), await associate(dimse, "CT1")
        assert stranger.is_rejected
        assert stranger.acceptor.primitive.diagnostic == 3  # calling AE title not recognised
        assert known.is_established
        known.release()


async def test_a_call_for_another_title_than_ours_is_rejected(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1) as dimse:
        found = await associate(dimse, "CT1", called="ANY-SCP")
        assert found.is_rejected
        assert found.acceptor.primitive.diagnostic == 7  # called AE title not recognised


async def test_a_known_title_from_another_address_is_rejected(tmp_path: Path) -> None:
    elsewhere = CT1.model_copy(update={"host": "192.0.2.7"})
    async with running_door(tmp_path, elsewhere) as dimse:
        assert (await associate(dimse, "CT1")).is_rejected


async def test_a_peer_is_offered_what_it_may_do_and_nothing_more(tmp_path: Path) -> None:
    reader = Peer(title="WS1", host="127.0.0.1", may=frozenset({May.FIND}))
    find = next(uid for uid in PATIENT_ROOT if uid.endswith(".1.1"))
    async with running_door(tmp_path, CT1, reader) as dimse:
        for title, expected in (("CT1", {VERIFICATION, CT}), ("WS1", {VERIFICATION, find})):
            found = await associate(dimse, title, VERIFICATION, CT, find, COMMITMENT)
            assert {context.abstract_syntax for context in found.accepted_contexts} == expected
            found.release()


async def test_who_may_only_retrieve_takes_images_and_cannot_send_any(tmp_path: Path) -> None:
    reader = Peer(title="WS1", host="127.0.0.1", may=frozenset({May.RETRIEVE}))
    async with running_door(tmp_path, reader) as dimse:
        found = await associate(dimse, "WS1", CT, ext_neg=[build_role(CT, scp_role=True)])
        (context,) = found.accepted_contexts
        assert context.as_scp
        assert not context.as_scu
        found.release()


async def test_associations_beyond_the_limit_are_rejected_for_now(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1, associations=2) as dimse:
        found = [await associate(dimse, "CT1") for _ in range(3)]
        assert [one.is_established for one in found] == [True, True, False]
        assert found[2].acceptor.primitive.result == 2  # rejected-transient
        found[0].release()
        await asyncio.sleep(0.2)
        again = await associate(dimse, "CT1")
        assert again.is_established
        for one in (found[1], again):
            one.release()


async def test_an_association_that_says_nothing_is_ended(tmp_path: Path) -> None:
    async with running_door(tmp_path, CT1, idle_s=0.3) as dimse:
        found = await associate(dimse, "CT1")
        for _ in range(100):
            if not found.is_established:
                break
            await asyncio.sleep(0.05)
        assert not found.is_established


class TestWithTls:
    @pytest.fixture
    def people(self, tmp_path: Path) -> list[Identity]:
        return [identity(tmp_path, name) for name in ("wardlink", "ct1", "mr1")]

    async def echo(self, dimse: RunningDimse, title: str, mine: Identity, ours: Identity) -> int:
        files = (str(mine.key), str(mine.certificate))
        tls = ("+tls", *files, "+cf", str(ours.certificate))
        return (await dimse.tool("echoscu", title, *tls, port=dimse.door.ports["tls"])).status

    async def test_a_title_belongs_to_a_certificate(self, tmp_path: Path, people: list[Identity]) -> None:
        ours, ct1, mr1 = people
        peers = [
            Peer(title=title, host="127.0.0.1", fingerprint=one.fingerprint, may=EVERYTHING - {May.COMMIT})
            for title, one in (("CT1", ct1), ("MR1", mr1))
        ]
        async with running_door(tmp_path, *peers, tls=tls_of(tmp_path, ours, ct1, mr1)) as dimse:
            assert await self.echo(dimse, "CT1", ct1, ours) == 0
            assert await self.echo(dimse, "MR1", mr1, ours) == 0
            assert await self.echo(dimse, "CT1", mr1, ours) != 0
            assert (await associate(dimse, "CT1")).is_rejected  # without TLS, though the address is right

    async def test_a_certificate_of_nobody_known_ends_at_the_handshake(
        self, tmp_path: Path, people: list[Identity]
    ) -> None:
        ours, ct1, mr1 = people
        peer = Peer(title="CT1", host="127.0.0.1", fingerprint=mr1.fingerprint)
        async with running_door(tmp_path, peer, tls=tls_of(tmp_path, ours, ct1)) as dimse:
            assert await self.echo(dimse, "CT1", mr1, ours) != 0

    async def test_a_renewed_certificate_is_shown_without_a_restart(
        self, tmp_path: Path, people: list[Identity]
    ) -> None:
        ours, ct1, renewed = people
        peer = Peer(title="CT1", host="127.0.0.1", fingerprint=ct1.fingerprint)
        async with running_door(tmp_path, peer, tls=tls_of(tmp_path, ours, ct1)) as dimse:
            assert await self.echo(dimse, "CT1", ct1, renewed) != 0
            ours.certificate.write_bytes(renewed.certificate.read_bytes())
            ours.key.write_bytes(renewed.key.read_bytes())
            dimse.door.renew()
            assert await self.echo(dimse, "CT1", ct1, renewed) == 0
