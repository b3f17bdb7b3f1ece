"""Clients that others wrote: curl with OpenSSL, and strongSwan's `pki`."""

import asyncio
import re
from pathlib import Path

import pytest

from controller.identity.est import BASE
from tests.integration.controller.identity.conftest import Est

NEW_KEY = "openssl ecparam -name prime256v1 -genkey -noout -out"


async def run(folder: Path, command: str, *more: str) -> tuple[int, str]:
    """(exit code, what it said). Words of `command` are divided by blanks."""
    process = await asyncio.create_subprocess_exec(
        *command.split(),
        *more,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode("utf-8", "replace")


async def must(folder: Path, command: str, *more: str) -> str:
    """What it said; it has to succeed."""
    code, said = await run(folder, command, *more)
    assert code == 0, said
    return said


class Curl:
    """curl and OpenSSL, as an integrator would write it into a script."""

    def __init__(self, est: Est) -> None:
        self.est, self.folder = est, est.folder
        self._common = f"curl -sS --cacert {est.root} --output answer --write-out %{{http_code}}"

    async def request(self, name: str, subject: str, *, one_line: bool = False) -> None:
        """NAME.key and NAME.b64."""
        await must(self.folder, f"{NEW_KEY} {name}.key")
        make = f"openssl req -new -key {name}.key -outform DER -out {name}.der -subj"
        await must(self.folder, make, subject)
        await must(self.folder, f"openssl base64 -in {name}.der -out {name}.b64" + " -A" * one_line)

    async def post(self, what: str, name: str, *more: str) -> str:
        """The status; the answer is in `answer`."""
        headers = ("--header", "Content-Type: application/pkcs10", "--data-binary", f"@{name}.b64")
        return await must(self.folder, f"{self._common} {self.est.address}{BASE}/{what}", *headers, *more)

    async def certificate(self, name: str) -> str:
        """Take it out of the answer into NAME.crt; its subject as OpenSSL tells it."""
        await must(self.folder, "openssl base64 -d -A -in answer -out answer.p7")
        await must(self.folder, f"openssl pkcs7 -inform DER -in answer.p7 -print_certs -out {name}.crt")
        return await must(self.folder, f"openssl x509 -in {name}.crt -noout -subject")

    async def get(self, what: str) -> str:
        return await must(self.folder, f"{self._common} {self.est.address}{BASE}/{what}")


@pytest.fixture
def curl(est: Est) -> Curl:
    return Curl(est)


async def test_curl_and_openssl_get_the_authoritys_certificates(est: Est, curl: Curl) -> None:
    assert await curl.get("cacerts") == "200"
    await curl.certificate("cas")
    said = await must(est.folder, "openssl pkcs7 -inform DER -in answer.p7 -print_certs -noout")
    assert set(re.findall(r"subject=.*CN ?= ?(.*)", said)) == {"Wardlink issuing authority", "Wardlink root"}


@pytest.mark.parametrize("one_line", [False, True])
async def test_curl_and_openssl_enrol_and_renew(est: Est, curl: Curl, one_line: bool) -> None:
    claim = await est.claim()
    login = "--user", f"ward-a:{claim.token}"
    await curl.request("first", "/O=Anything/CN=ward-a", one_line=one_line)
    assert await curl.post("simpleenroll", "first", *login) == "200"
    subject = (await curl.certificate("first")).replace(" ", "")
    assert re.search("O=Wardlink,CN=ward-a,serialNumber=[0-9a-f]+", subject)
    await curl.get("cacerts")
    await curl.certificate("cas")
    verify = f"openssl verify -CAfile {est.root} -untrusted cas.crt -x509_strict -purpose"
    assert "OK" in await must(est.folder, f"{verify} sslclient first.crt")
    assert (await run(est.folder, f"{verify} sslserver first.crt"))[0] != 0
    shown = "--cert", "first.crt", "--key", "first.key"
    await curl.request("second", "/CN=ward-a", one_line=one_line)
    assert await curl.post("simplereenroll", "second", *shown) == "200"
    await curl.certificate("second")
    assert "OK" in await must(est.folder, f"{verify} sslclient second.crt")
    assert await est.trail() == ["gateway-enrolled done", "certificate-renewed done"]


async def test_what_curl_and_openssl_must_not_get(est: Est, curl: Curl) -> None:
    claim = await est.claim()
    login = "--user", f"ward-a:{claim.token}"
    await curl.request("other", "/CN=controller")
    assert await curl.post("simpleenroll", "other", *login) == "403"
    await curl.request("mine", "/CN=ward-a")
    assert await curl.post("simpleenroll", "mine") == "401"
    assert await curl.post("simpleenroll", "mine", "--user", "ward-a:wrong") == "401"
    assert await curl.post("simpleenroll", "mine", *login) == "200"
    await curl.request("thief", "/CN=ward-a")
    assert await curl.post("simpleenroll", "thief", *login) == "403"
    assert est.alerts == [("claim-used-twice", "ward-a")]


async def test_openssl_finds_the_servers_certificate_in_order(est: Est) -> None:
    connect = f"openssl s_client -connect localhost:{est.port} -CAfile {est.root} -verify_return_error"
    for host in ("-verify_hostname localhost", "-verify_ip 127.0.0.1"):
        assert "Verification: OK" in await must(est.folder, f"{connect} -brief {host}")
    code, said = await run(est.folder, f"{connect} -brief -verify_hostname elsewhere")
    assert (code != 0, "hostname mismatch" in said) == (True, True)


async def test_strongswan_gets_the_authoritys_certificates(est: Est) -> None:
    ask = f"pki --estca --url {est.address} --cacert {est.root} --caout sw.crt --outform pem"
    said = await must(est.folder, ask)
    assert "Wardlink issuing authority" in said
    assert await must(est.folder, "openssl x509 -noout -subject -in sw.crt")


async def test_strongswan_enrols_and_renews(est: Est) -> None:
    claim = await est.claim()
    issuing = est.folder / "ca" / "issuing.pem"
    enrol = f"--url {est.address} --cacert {est.root} --cacert {issuing} --outform pem"
    await strongswan_request(est.folder, "first")
    login = f"--userpass ward-a:{claim.token}"
    await must(est.folder, "sh -c", f"pki --est {enrol} --in first.req {login} > first.crt")
    await strongswan_request(est.folder, "second")
    shown = "--cert first.crt --key first.key"
    await must(est.folder, "sh -c", f"pki --est {enrol} --in second.req {shown} > second.crt")
    for name in ("first", "second"):
        said = await must(est.folder, f"openssl x509 -in {name}.crt -noout -subject -pubkey")
        assert re.search(r"CN ?= ?ward-a", said)
        assert await must(est.folder, f"openssl pkey -in {name}.key -pubout") in said
    assert await est.trail() == ["gateway-enrolled done", "certificate-renewed done"]


async def test_what_strongswan_must_not_get(est: Est) -> None:
    claim = await est.claim()
    common = f"pki --est --url {est.address} --cacert {est.root} --cacert {est.folder}/ca/issuing.pem"
    await strongswan_request(est.folder, "mine")
    code, said = await run(est.folder, f"{common} --in mine.req --userpass ward-a:wrong")
    assert (code != 0, "401" in said) == (True, True)
    await strongswan_request(est.folder, "rsa", kind="rsa", size=2048)
    code, said = await run(est.folder, f"{common} --in rsa.req --userpass ward-a:{claim.token}")
    assert (code != 0, "400" in said) == (True, True)
    assert await est.certificates() == []


async def strongswan_request(folder: Path, name: str, kind: str = "ecdsa", size: int = 256) -> None:
    """NAME.key and NAME.req, made by strongSwan as well."""
    await must(folder, "sh -c", f"pki --gen --type {kind} --size {size} --outform pem > {name}.key")
    make = f"pki --req --type {kind} --in {name}.key --outform der --dn 'O=Anything, CN=ward-a' > {name}.req"
    await must(folder, "sh -c", make)
