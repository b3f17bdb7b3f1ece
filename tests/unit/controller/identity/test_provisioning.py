"""An engineer lets a gateway in and out; each refusal says what to do, each change is in the trail."""

import json
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from controller.errors import AuthorityError, Conflict, NotFound, RegistryError
from controller.identity.authority import new_key
from controller.identity.certificates import CERTIFICATES, By, issue, serial_of, users
from controller.identity.claims import Attempt, spend
from controller.identity.files import CONTROLLER, keep_controller, open_authority
from controller.identity.provisioning import Addresses, GatewayClass, Provisioning, Record, new_token
from controller.store import Store
from devices.errors import BadClaim, BadIdentity
from tests.support.signing import p256, signing_request
from tests.unit.controller.conftest import TestClock
from tests.unit.controller.identity.conftest import NOW, NOW_S

LIFE = timedelta(days=30)
BY = By("engineer", "10.0.0.9", "new box")
BOX = Record("ward-a", "Ward A", "BME-17", "w-1", GatewayClass.WARD)


class Office:
    """The service, and what an engineer can look at afterwards."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.clock = TestClock(NOW_S * 1_000_000)
        self.authority = open_authority(folder, NOW)
        keep_controller(folder, self.authority, "controller", NOW, LIFE)
        self.addresses = Addresses("https://10.0.0.5:8443", "mqtts://10.0.0.5:8883")
        self.service = Provisioning(
            store, self.clock, authority=self.authority, folder=folder, addresses=lambda: self.addresses
        )

    async def certify(self, gateway: str) -> str:
        key = new_key().public_key()
        return serial_of(
            await self.store.write(lambda db: issue(db, self.authority, gateway, key, NOW_S, life=LIFE))
        )

    async def let_in(self) -> list[str]:
        return list(users(await self.store.read(CERTIFICATES, (NOW_S,)), NOW_S).values())

    async def trail(self) -> list[str]:
        return [row[0] for row in await self.store.read("SELECT action FROM audit ORDER BY number")]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Ward w-1, vehicle amb-1."""
    store = await Store.open(tmp_path / "wardlink.sqlite")
    await store.write(lambda db: db.execute("INSERT INTO ward VALUES ('w-1', 'Ward 1')"))
    await store.write(lambda db: db.execute("INSERT INTO bed VALUES ('amb-1', 'w-1', 'Ambulance 1')"))
    yield Office(store, tmp_path / "ca")
    await store.close()


async def test_a_claim_says_where_whom_to_trust_and_until_when(office: Office) -> None:
    claim = await office.service.provision(BOX, BY)
    assert (claim.gateway, claim.est, claim.mqtt) == ("ward-a", office.addresses.est, office.addresses.mqtt)
    assert claim.root == office.authority.fingerprint
    assert claim.expires == NOW_S + 24 * 3600


async def test_its_token_is_worth_a_certificate(office: Office) -> None:
    claim = await office.service.provision(BOX, BY)
    attempt = Attempt("ward-a", claim.token, signing_request(p256()), "10.0.0.7")
    await office.store.write(lambda db: spend(db, office.authority, attempt, NOW_S * 1_000_000, LIFE))
    assert await office.let_in() == ["ward-a"]


async def test_tokens_have_128_bits_and_are_never_the_same() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert (len(tokens), {len(token) for token in tokens}) == (1000, {22})


async def test_the_record_is_kept_and_listed(office: Office) -> None:
    await office.service.provision(BOX, BY)
    [one] = await office.service.listing()
    assert (one.gateway, one.name, one.asset_tag, one.place, one.kind) == (
        "ward-a", "Ward A", "BME-17", "w-1", "ward",
    )  # fmt: skip
    assert (one.provisioned, one.claim_until_utc_s, one.certified_until_utc_s) == (1, NOW_S + 24 * 3600, None)


async def test_the_trail_has_the_record_and_not_the_token(office: Office) -> None:
    claim = await office.service.provision(BOX, BY)
    [row] = await office.store.read("SELECT entry FROM audit")
    entry = json.loads(row["entry"])
    assert (entry["action"], entry["actor"], entry["where"]) == (
        "gateway-provisioned",
        "engineer",
        "10.0.0.9",
    )
    assert entry["detail"] == {"asset_tag": "BME-17", "place": "w-1", "class": "ward"}
    assert claim.token not in row["entry"]


async def test_provisioning_again_corrects_the_record_and_leaves_its_certificate_alone(
    office: Office,
) -> None:
    await office.service.provision(BOX, BY)
    await office.certify("ward-a")
    moved = replace(BOX, place="amb-1", kind=GatewayClass.VEHICLE)
    await office.service.provision(moved, BY)
    [one] = await office.service.listing()
    assert (one.place, one.kind) == ("amb-1", "vehicle")
    assert await office.let_in() == ["ward-a"]


@pytest.mark.parametrize(
    ("change", "error", "remedy"),
    [
        ({"gateway": "Ward A"}, BadIdentity, "use 1 to 48"),
        ({"gateway": "#"}, BadIdentity, "use 1 to 48"),
        ({"gateway": "controller"}, Conflict, "give the gateway another"),
        ({"place": "w-9"}, NotFound, "there are: amb-1, w-1: add it first"),
        ({"asset_tag": "x" * 121}, RegistryError, "asset tag: expected at most 120"),
        ({"name": "two\nlines"}, RegistryError, "name: expected"),
    ],
)
async def test_a_record_that_cannot_be_is_refused_with_what_to_do_and_nothing_is_kept(
    office: Office, change: dict[str, str], error: type[Exception], remedy: str
) -> None:
    with pytest.raises(error, match=remedy):
        await office.service.provision(replace(BOX, **change), BY)  # type: ignore[arg-type]
    assert (await office.service.listing(), await office.trail()) == ([], [])


async def test_one_asset_tag_is_on_one_gateway(office: Office) -> None:
    await office.service.provision(BOX, BY)
    second = replace(BOX, gateway="ward-b")
    with pytest.raises(Conflict, match="is on gateway 'ward-a': decommission that, or correct it"):
        await office.service.provision(second, BY)
    await office.service.provision(replace(second, asset_tag=""), BY)  # none is not the same as none
    await office.service.decommission("ward-a", BY)
    await office.service.provision(second, BY)


async def test_an_address_that_no_gateway_could_use_is_refused_before_anything_is_kept(
    office: Office,
) -> None:
    office.addresses = Addresses("https://10.0.0.5:8443", "mqtt://10.0.0.5:1883")
    with pytest.raises(BadClaim, match="mqtts://HOST:PORT"):
        await office.service.provision(BOX, BY)
    assert await office.trail() == []


async def test_one_certificate_is_revoked_or_all(office: Office) -> None:
    await office.service.provision(BOX, BY)
    one, two = await office.certify("ward-a"), await office.certify("ward-a")
    assert await office.service.revoke("ward-a", BY, one) == [one]
    assert await office.let_in() == ["ward-a"]
    assert await office.service.revoke("ward-a", BY) == [two]
    assert await office.let_in() == []
    with pytest.raises(NotFound, match="there is no gateway 'ward-x'"):
        await office.service.revoke("ward-x", BY)


async def test_a_decommissioned_gateway_is_out_for_good(office: Office) -> None:
    claim = await office.service.provision(BOX, BY)
    await office.certify("ward-a")
    await office.service.decommission("ward-a", BY)
    assert await office.let_in() == []
    attempt = Attempt("ward-a", claim.token, signing_request(p256()), "10.0.0.7")
    given = await office.store.write(lambda db: spend(db, office.authority, attempt, NOW_S * 1_000_000, LIFE))
    assert getattr(given, "code", "") == "ended-token"
    [one] = await office.service.listing()
    assert (one.provisioned, one.claim_until_utc_s, one.certified_until_utc_s) == (0, None, None)
    with pytest.raises(Conflict, match="nothing to end"):
        await office.service.decommission("ward-a", BY)


async def test_the_receipt_says_what_ended_and_openssl_can_tell_that_it_is_ours(office: Office) -> None:
    await office.service.provision(BOX, BY)
    serial = await office.certify("ward-a")
    receipt = await office.service.decommission("ward-a", BY)
    file = office.folder / "receipt.eml"
    file.write_text(receipt)
    said = json.loads(verified(file, office.folder / "root.pem"))
    assert said == {
        "receipt": "gateway-decommissioned",
        "gateway": "ward-a",
        "name": "Ward A",
        "asset_tag": "BME-17",
        "place": "w-1",
        "utc_s": NOW_S,
        "by": "engineer",
        "why": "new box",
        "certificates_revoked": [serial],
    }
    file.write_text(receipt.replace("BME-17", "BME-18"))
    with pytest.raises(subprocess.CalledProcessError):
        verified(file, office.folder / "root.pem")
    file.write_text(receipt)
    with pytest.raises(subprocess.CalledProcessError):
        open_authority(office.folder.with_name("other"), NOW)
        verified(file, office.folder.with_name("other") / "root.pem")


def verified(receipt: Path, root: Path) -> str:
    command = ["openssl", "cms", "-verify", "-in", receipt, "-CAfile", root, "-purpose", "any"]
    return subprocess.run(
        [*command, "-attime", str(NOW_S)], check=True, capture_output=True, text=True
    ).stdout


async def test_without_a_key_to_sign_the_receipt_nothing_is_decommissioned(office: Office) -> None:
    await office.service.provision(BOX, BY)
    await office.certify("ward-a")
    (office.folder / CONTROLLER).unlink()
    with pytest.raises(AuthorityError, match="start the controller once"):
        await office.service.decommission("ward-a", BY)
    assert await office.let_in() == ["ward-a"]
    assert await office.trail() == ["gateway-provisioned"]
