"""The registration authority after its keys were replaced, for clients of others; and whom it answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.identity.certificates import moment
from controller.identity.files import FOLDER, open_authority
from tests.integration.controller.identity.conftest import Est, ShiftedClock, started
from tests.integration.controller.identity.test_est_clients import Curl, must, strongswan_request
from tests.support.succession import succeed


@pytest.fixture(params=["issuing", "root"])
async def est(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Est]:
    """Running with a successor; `old.pem` is the root of before."""
    now = moment(ShiftedClock().utc_us() // 1_000_000)
    old = open_authority(tmp_path / FOLDER, now)
    (tmp_path / "old.pem").write_bytes((tmp_path / FOLDER / "root.pem").read_bytes())
    succeed(tmp_path / FOLDER, now, root=request.param == "root")
    async with started(tmp_path) as est:
        assert est.authority.issuing != old.issuing
        yield est


@pytest.mark.parametrize("trusted", ["old.pem", "ca/root.pem"])
async def test_curl_and_openssl_enrol_and_renew_with_either_root(est: Est, trusted: str) -> None:
    curl = Curl(est)
    curl._common = curl._common.replace(str(est.root), str(est.folder / trusted))
    claim = await est.claim()
    await curl.request("first", "/CN=ward-a")
    assert await curl.post("simpleenroll", "first", "--user", f"ward-a:{claim.token}") == "200"
    await curl.certificate("first")
    assert await curl.get("cacerts") == "200"
    verify = f"openssl verify -CAfile {trusted} -untrusted ca/server.pem -x509_strict -purpose sslclient"
    assert "OK" in await must(est.folder, f"{verify} first.crt")
    await curl.request("second", "/CN=ward-a")
    shown = "--cert", "first.crt", "--key", "first.key"
    assert await curl.post("simplereenroll", "second", *shown) == "200"
    await curl.certificate("second")
    assert "OK" in await must(est.folder, f"{verify} second.crt")


async def test_strongswan_enrols(est: Est) -> None:
    claim = await est.claim()
    trusts = f"--cacert {est.root} --cacert {est.folder}/ca/issuing.pem"
    await strongswan_request(est.folder, "first")
    login = f"--userpass ward-a:{claim.token}"
    ask = f"pki --est --url {est.address} {trusts} --in first.req {login} --outform pem"
    await must(est.folder, "sh -c", f"{ask} > first.crt")
    assert "ward-a" in await must(est.folder, "openssl x509 -in first.crt -noout -subject")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *(("localhost", 200), ("127.0.0.1:8443", 200), ("[::1]:8443", 200), ("est.ward.example", 200)),
        *(("EST.Ward.Example.:8443", 200), ("evil.example", 421), ("ward.example", 421), ("a b", 421)),
    ],
)
async def test_only_an_address_or_a_name_of_its_own_is_answered(est: Est, host: str, status: int) -> None:
    answer = await est.ask("cacerts", Host=host)
    assert answer.status == status
    assert (status == 200) == bool(answer.headers.get("Content-Transfer-Encoding"))


async def test_a_token_is_not_even_looked_at_when_it_comes_under_another_name(est: Est) -> None:
    claim = await est.claim()
    for host, status in (("evil.example", 421), ("localhost", 400)):
        answer = await est.ask("simpleenroll", b"-", login=("ward-a", claim.token), Host=host)
        assert answer.status == status
    assert await est.trail() == ["gateway-enrolled refused bad-encoding"]
