"""The box's own page: whoever is beside it pastes the claim, nobody else can, and no secret comes back."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pytest

from devices.model.claim import Claim
from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.enrolment.page import ClaimPage, local_address, stay_near
from gateway.enrolment.page_http import MOST_PHOTO
from gateway.errors import ConfigError, LinkError
from gateway.links.network import Endpoint
from tests.support.est import Est, Times
from tests.support.qr_photo import code, on_a_desk, photo, turned_and_dim
from tests.support.waiting import until

HOST = "127.0.0.1"


@dataclass
class Open:
    """A page that is being served."""

    page: ClaimPage
    port: int
    running: asyncio.Task[Identity]

    @property
    def host(self) -> str:
        return f"{HOST}:{self.port}"

    async def ask(self, said: bytes) -> bytes:
        """All that the page answers."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        writer.write(said)
        heard = await reader.read()
        writer.close()
        return heard

    async def get(self, path: str = "/", host: str | None = None, more: str = "") -> bytes:
        return await self.ask(f"GET {path} HTTP/1.1\r\nHost: {host or self.host}\r\n{more}\r\n".encode())

    async def post(self, text: str, origin: str | None = None) -> bytes:
        body = urlencode({"claim": text})
        origin = f"Origin: {origin or 'http://' + self.host}\r\n"
        head = f"POST / HTTP/1.1\r\nHost: {self.host}\r\n{origin}Content-Length: {len(body)}\r\n\r\n"
        return await self.ask((head + body).encode())

    async def post_photo(self, photo: bytes, origin: str | None = None) -> bytes:
        part = b'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n' + photo
        body = b"--edge\r\n" + part + b"\r\n--edge--\r\n"
        return await self.ask(self.photo_head(len(body), origin) + body)

    def photo_head(self, size: int, origin: str | None = None) -> bytes:
        origin = f"Origin: {origin or 'http://' + self.host}\r\n"
        media = "Content-Type: multipart/form-data; boundary=edge\r\n"
        return (
            f"POST / HTTP/1.1\r\nHost: {self.host}\r\n{origin}{media}Content-Length: {size}\r\n\r\n".encode()
        )


@asynccontextmanager
async def opened(folder: IdentityFolder, times: Times) -> AsyncIterator[Open]:
    """The page of an unenrolled box."""
    clock, told = times.gateway(), asyncio.Queue[str]()
    page = ClaimPage(Endpoint(HOST, 0), "SN-42", lambda claim: enrol(folder, claim, None, clock))
    running = asyncio.create_task(page.run(told.put_nowait))
    address = await told.get()
    try:
        yield Open(page, int(address.rstrip("/").rpartition(":")[2]), running)
    finally:
        running.cancel()
        await asyncio.wait({running})


async def test_a_pasted_claim_enrols_the_box_and_the_page_closes_itself(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    claim = await est.claim("ward-a")
    async with opened(folder, times) as page:
        assert b"SN-42" in await page.get()
        assert (await page.post(f"  {claim.to_text()}\r\n")).startswith(b"HTTP/1.1 303")
        await until(lambda: b"ward-a" in str(page.page.state).encode(), "enrolled")
        last = await page.get("/?lang=zh")
        assert "登记完成".encode() in last
        assert b"<form" not in last
        assert (await page.running).gateway == folder.load().gateway == "ward-a"
        with pytest.raises(ConnectionRefusedError):
            await page.get()


async def test_a_claim_that_was_refused_is_told_in_words_and_can_be_given_again(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    claim = await est.claim("ward-a")
    async with opened(folder, times) as page:
        for text, said in (
            ("nonsense", b"That is not a claim"),
            (replace(claim, token="B" * 22).to_text(), b"The controller refuses the claim"),
            (replace(claim, root="0" * 64).to_text(), b"was told nothing"),
            (replace(claim, est="https://127.0.0.1:1").to_text(), b"does not answer"),
            (replace(claim, expires=1).to_text(), b"has expired. Ask"),
        ):
            await page.post(text)
            await until(lambda: "problem" in repr(page.page.state), "the refusal")
            shown = await page.get()
            assert said in shown
            for secret in (claim.token, "B" * 22, "nonsense"):
                assert secret.encode() not in shown
        await page.post(claim.to_text())
        await until(lambda: "until" in repr(page.page.state), "enrolled")


async def test_while_a_claim_is_tried_the_page_waits_and_takes_no_other(
    folder: IdentityFolder, times: Times
) -> None:
    tried = list[Claim]()

    async def never(claim: Claim) -> Identity:
        tried.append(claim)
        await asyncio.Event().wait()
        raise AssertionError

    claim = Claim("ward-a", "https://h:1", "mqtts://h:1", "A" * 22, "0" * 64, 2**39)
    async with opened(folder, times) as page:
        page.page.enrol = never
        for _ in range(3):
            await page.post(claim.to_text())
        assert b'http-equiv="refresh"' in await page.get()
        assert tried == [claim]


async def test_a_page_of_another_site_cannot_enrol_the_box_elsewhere(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    """The attacker has a claim that is good at a controller of his own."""
    claim = await est.claim("ward-a")
    async with opened(folder, times) as page:
        for origin in ("http://evil.example", "null", f"https://{page.host}"):
            assert (await page.post(claim.to_text(), origin)).startswith(b"HTTP/1.1 403")
        body = urlencode({"claim": claim.to_text()})
        bare = f"POST / HTTP/1.1\r\nHost: {page.host}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        assert (await page.ask(bare.encode())).startswith(b"HTTP/1.1 403")
        assert est.tokens == []
        await page.post(claim.to_text())
        await until(lambda: est.tokens, "the page's own form is taken")


async def test_a_name_that_was_bent_to_this_address_shows_nothing(
    folder: IdentityFolder, times: Times
) -> None:
    """DNS rebinding: the browser believes that the page is evil.example's."""
    async with opened(folder, times) as page:
        assert (await page.get(host=f"evil.example:{page.port}")).startswith(b"HTTP/1.1 421")
        assert (await page.get(host=f"localhost:{page.port}")).startswith(b"HTTP/1.1 200")


async def test_there_is_one_page_and_its_requests_are_small(folder: IdentityFolder, times: Times) -> None:
    async with opened(folder, times) as page:
        assert (await page.get("/../etc/passwd")).startswith(b"HTTP/1.1 404")
        assert (await page.get(more="X: " + "a" * 9000 + "\r\n")).startswith(b"HTTP/1.1 431")
        own = f"Host: {page.host}\r\nOrigin: http://{page.host}\r\n"
        large = f"POST / HTTP/1.1\r\n{own}Content-Length: 9000\r\n\r\n"
        assert (await page.ask(large.encode())).startswith(b"HTTP/1.1 413")
        assert (await page.ask(b"\x16\x03\x01\r\n\r\n")).startswith(b"HTTP/1.1 400")


async def test_a_request_that_does_not_end_is_cut_off_and_many_hold_up_nobody_for_ever(
    folder: IdentityFolder, times: Times, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.enrolment.page._REQUEST_S", 0.2)
    async with opened(folder, times) as page:
        slow = [await asyncio.open_connection(HOST, page.port) for _ in range(40)]
        for _, writer in slow:
            writer.write(b"GET / HT")
        ends = await asyncio.gather(*(reader.read() for reader, _ in slow), return_exceptions=True)
        assert all(end == b"" or isinstance(end, ConnectionResetError) for end in ends)
        assert (await page.get()).startswith(b"HTTP/1.1 200")
        for _, writer in slow:
            writer.close()


@pytest.mark.parametrize(
    ("family", "host", "level", "option"),
    [
        (socket.AF_INET, HOST, socket.IPPROTO_IP, socket.IP_TTL),
        (socket.AF_INET6, "::1", socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS),
    ],
)
def test_the_packets_of_its_connections_end_at_the_first_router(
    family: int, host: str, level: int, option: int
) -> None:
    with socket.create_server((host, 0), family=family) as server:  # type: ignore[arg-type]
        stay_near(server)
        with socket.create_connection(server.getsockname()[:2]), server.accept()[0] as taken:
            assert taken.getsockopt(level, option) == 1


@pytest.mark.parametrize(
    "good", ["127.0.0.1:8080", "localhost", "192.168.7.1:80", "[fe80::1]:8080", "[::1]:1"]
)
def test_it_listens_on_the_loopback_or_one_address_of_a_private_network(good: str) -> None:
    assert local_address(good).host in good.replace("localhost", HOST)


@pytest.mark.parametrize(
    "bad", ["0.0.0.0:80", "[::]:80", "8.8.8.8:80", "box.example:80", "127.0.0.1:99999", ""]
)
def test_it_listens_nowhere_else(bad: str) -> None:
    with pytest.raises(ConfigError, match="--page: expected"):
        local_address(bad)


async def test_a_port_that_is_taken_is_said(folder: IdentityFolder, times: Times) -> None:
    async with opened(folder, times) as page:
        second = ClaimPage(Endpoint(HOST, page.port), "SN-43", page.page.enrol)
        with pytest.raises(LinkError, match="another program listens there"):
            await second.run(print)


async def test_a_photo_of_the_claim_enrols_the_box_and_is_not_shown_again(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    claim = await est.claim("ward-a")
    async with opened(folder, times) as page:
        assert b'capture="environment"' in await page.get()
        said = await page.post_photo(photo(turned_and_dim(on_a_desk(code(claim.to_text()), (800, 800)), 20)))
        assert said.startswith(b"HTTP/1.1 303")
        await until(lambda: "until" in repr(page.page.state), "enrolled")
        shown = said + await page.get()
        assert b"ward-a" in shown
        assert claim.token.encode() not in shown
    left = [path.read_bytes() for path in folder.path.parent.rglob("*") if path.is_file()]
    assert all(claim.token.encode() not in data for data in left)


async def test_a_photo_without_a_claim_is_told_in_words(folder: IdentityFolder, times: Times) -> None:
    async with opened(folder, times) as page:
        for held in (b"", b"not a picture", photo(code("https://example.org"))):
            assert (await page.post_photo(held)).startswith(b"HTTP/1.1 303")
            assert b"No claim can be read in this photo" in await page.get()


async def test_a_photo_that_is_too_large_is_passed_over_and_told_in_words(
    folder: IdentityFolder, times: Times
) -> None:
    async with opened(folder, times) as page:
        said = await page.post_photo(bytes(MOST_PHOTO + 1))
        assert said.startswith(b"HTTP/1.1 413")
        assert b"more than 12 MB" in said


async def test_one_photo_is_looked_at_at_a_time(folder: IdentityFolder, times: Times) -> None:
    """Twenty at once would need the memory of twenty."""
    async with opened(folder, times) as page:
        reader, writer = await asyncio.open_connection(HOST, page.port)
        writer.write(page.photo_head(5000) + b"half of it")
        await until(lambda: page.page._looking, "the first photo comes")
        second = await page.post_photo(b"another")
        assert second.startswith(b"HTTP/1.1 503")
        assert b"Another photo is being read" in second
        writer.close()
        await until(lambda: not page.page._looking, "the first photo broke off")
        assert (await page.post_photo(b"a third")).startswith(b"HTTP/1.1 303")
        assert await reader.read() == b""


async def test_a_photo_from_another_site_s_page_is_not_even_read(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    claim = await est.claim("ward-a")
    held = photo(code(claim.to_text()))
    async with opened(folder, times) as page:
        for origin in ("http://evil.example", "null"):
            assert (await page.ask(page.photo_head(5000, origin))).startswith(b"HTTP/1.1 403")
        assert est.tokens == []
        await page.post_photo(held)
        await until(lambda: est.tokens, "the page's own form is taken")


async def test_a_box_that_reads_no_photos_offers_none(folder: IdentityFolder, times: Times) -> None:
    async with opened(folder, times) as page:
        page.page._photos = False
        assert b'type="file"' not in await page.get()
        assert (await page.post_photo(b"x")).startswith(b"HTTP/1.1 415")
