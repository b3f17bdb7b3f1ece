"""A box that waits: at its console and on its page, seen in its network, until one claim was good."""

import asyncio
import socket
from pathlib import Path

import pytest
from zeroconf.asyncio import AsyncZeroconf

from gateway.enrolment import announce
from gateway.enrolment.announce import SERVICE, announced, box_serial
from gateway.enrolment.claims import by_console
from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import IdentityFolder
from gateway.enrolment.waiting import Places, wait_for_claim
from gateway.errors import LinkError
from gateway.links.network import Endpoint
from hil.sims.pty import Pty
from tests.support.est import Est, Times
from tests.support.waiting import until

HOST = "127.0.0.1"


class Console:
    """Who sits at the other end of the serial line."""

    def __init__(self, pty: Pty) -> None:
        self.pty = pty
        self.seen = ""

    async def sees(self, text: str) -> None:
        def seen() -> bool:
            self.seen += self.pty.read().decode()
            return text in self.seen

        await until(seen, f"the console shows {text!r}")

    def types(self, text: str) -> None:
        assert self.pty.write(text.encode() + b"\r")


async def test_at_the_console_a_claim_is_asked_for_until_one_is_good(
    est: Est, folder: IdentityFolder, times: Times, tmp_path: Path
) -> None:
    claim, clock = await est.claim("ward-a"), times.gateway()
    other = await est.claim("ward-b")
    with Pty(tmp_path / "console") as pty:
        console = Console(pty)
        asking = asyncio.create_task(
            by_console(str(pty.path), lambda one: enrol(folder, one, "ward-a", clock))
        )
        await console.sees("waits for its claim")
        console.types("root")
        await console.sees("expected a claim in JSON")
        console.types(other.to_text())
        await console.sees("this box is 'ward-a'")
        console.types(claim.to_text())
        await console.sees("ward-a: enrolled until")
        assert (await asking).gateway == "ward-a"
    assert claim.token not in console.seen
    assert other.token not in console.seen


async def test_a_console_that_is_missing_or_pulled_out_is_said(
    folder: IdentityFolder, times: Times, tmp_path: Path
) -> None:
    async def take(_: object) -> None:
        """Nothing comes."""

    with pytest.raises(LinkError, match=r"none: .*dialout"):
        await by_console(str(tmp_path / "none"), take)  # type: ignore[arg-type]
    with Pty(tmp_path / "console") as pty:
        asking = asyncio.create_task(by_console(str(pty.path), take))  # type: ignore[arg-type]
        await Console(pty).sees("waits")
    with pytest.raises(LinkError, match="hung up"):
        await asking


async def test_the_first_good_claim_ends_the_waiting_everywhere(
    est: Est, folder: IdentityFolder, times: Times, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, told = await est.claim("ward-a"), list[str]()
    with Pty(tmp_path / "console") as pty:
        console = Console(pty)
        places = Places(Endpoint(HOST, 0), str(pty.path))
        waiting = asyncio.create_task(wait_for_claim(folder, None, times.gateway(), places, told.append))
        await console.sees("waits for its claim")
        await until(lambda: told, "the page")
        port = int(told[0].rstrip("/").rpartition(":")[2])
        socket.create_connection((HOST, port)).close()
        console.types(claim.to_text())
        assert (await waiting).gateway == folder.load().gateway == "ward-a"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, port))


async def test_a_waiting_box_is_found_by_its_serial_number_and_says_no_name() -> None:
    seeker = AsyncZeroconf(interfaces=[HOST])
    try:
        async with announced("SN-42", (HOST, 4321), [HOST]):
            info = await seeker.async_get_service_info(SERVICE, f"wardlink-SN-42.{SERVICE}", timeout=10_000)
        assert info
        assert (info.port, info.addresses) == (4321, [socket.inet_aton(HOST)])
        assert info.properties == {b"serial": b"SN-42", b"contract": b"1"}
    finally:
        await seeker.async_close()


async def test_a_network_without_multicast_does_not_keep_it_from_waiting(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError("no such device")

    monkeypatch.setattr(announce, "AsyncZeroconf", refuse)
    async with announced("SN-42", None):
        assert "cannot be announced in the network: no such device" in caplog.text


def test_the_serial_number_is_the_maker_s_else_one_that_does_not_give_the_machine_s_id(
    tmp_path: Path,
) -> None:
    board, machine = tmp_path / "serial-number", tmp_path / "machine-id"
    machine.write_text("0123456789abcdef0123456789abcdef\n")
    derived = box_serial([board], machine)
    assert len(derived) == 12
    assert derived not in machine.read_text()
    assert derived == box_serial([board], machine)
    board.write_bytes(b"10000000 abc/def\0")
    assert box_serial([board], machine) == "10000000-abc-def"
    assert box_serial([tmp_path / "none"], tmp_path / "none") == "unknown"
