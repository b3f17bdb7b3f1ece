"""A site where anna, a physician, has a key, and time that a test sets."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from controller.errors import BadSignature
from controller.identity.certificates import By, moment
from controller.identity.files import FOLDER, open_authority
from controller.security.permissions import Role
from controller.security.users import find_account, set_password, set_roles
from controller.signing.keys import Maker
from controller.signing.model import Key, Signed, Unlock
from controller.signing.revoked import RevokedList, read_revoked, revoked_list
from controller.signing.service import Signatures
from controller.signing.verify import Verified, verify
from controller.store import Store
from tests.support.controller import quick_passwords
from tests.support.signers import PHRASE, Signer

START_S = 1_795_694_400
DOCUMENT = {
    "resourceType": "MedicationRequest",
    "revision": 3,
    "dose": {"value": 0.5, "unit": "mg"},
    "for": "P1 张",
}
BY = By("anna", "10.0.0.1")


@dataclass
class StillClock:
    """Time stands still until a test moves it."""

    utc_s: int = START_S

    def now_us(self) -> int:
        return self.utc_s * 1_000_000

    def utc_us(self) -> int:
        return self.utc_s * 1_000_000


@dataclass
class Site:
    """A controller's keys and signatures."""

    store: Store
    clock: StillClock
    ca: Path
    signatures: Signatures
    anna: Signer
    keys: list[Key] = field(default_factory=list)

    @property
    def root(self) -> x509.Certificate:
        return open_authority(self.ca, moment(START_S)).root

    @property
    def now_s(self) -> int:
        return self.clock.utc_s

    async def person(self, name: str, role: Role = Role.PHYSICIAN) -> None:
        await set_password(self.store, self.clock, name, "a long enough password", role)

    async def make(self, signer: Signer) -> Key:
        """As the page does it: a challenge, a proof, a wrapped key."""
        keys = self.signatures.keys
        account = await find_account(self.store, signer.name)
        assert account is not None
        challenge = keys.challenge("session")
        maker = Maker(account.user, "session", By(signer.name))
        key = await keys.make(maker, challenge, signer.prove(challenge), [PHRASE])
        signer.x5c = key.chain
        return key

    async def check(self, jws: str, document: Mapping[str, Any] = DOCUMENT, person: str = "anna") -> Signed:
        return await self.store.write(lambda db: self.signatures.check(db, person, document, jws))

    async def refused(self, jws: str, document: Mapping[str, Any] = DOCUMENT, person: str = "anna") -> str:
        """The code of the refusal."""
        with pytest.raises(BadSignature) as error:
            await self.check(jws, document, person)
        return error.value.code

    async def signed(self) -> bytes:
        """The file of a document that anna signed now."""
        return (await self.check(self.anna.sign(DOCUMENT, self.now_s))).file()

    async def listed(self) -> RevokedList:
        content = await revoked_list(self.store, self.signatures.site, self.now_s)
        return read_revoked(content, [self.root])

    def verify(self, content: bytes, listed: RevokedList | None = None) -> Verified:
        return verify(content, [self.root], listed)

    async def roles(self, name: str, *roles: Role) -> None:
        await self.store.write(lambda db: set_roles(db, name, roles))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    clock, ca = StillClock(), tmp_path / FOLDER
    open_authority(ca, moment(START_S))
    store = await Store.open(tmp_path / "wardlink.sqlite")
    signatures = Signatures(store, clock, ca, frozenset(Unlock))
    made = Site(store, clock, ca, signatures, Signer("anna"))
    with quick_passwords():
        await made.person("anna")
        made.keys.append(await made.make(made.anna))
        yield made
    await store.close()
