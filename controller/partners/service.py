"""Everything of one site that has to do with its partners."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from controller.clock import Clock
from controller.conferences.service import ConferenceService
from controller.identity.certificates import moment
from controller.identity.files import held_authority
from controller.partners.book import PartnerBook
from controller.partners.cards import Card
from controller.partners.conclusions import PartnerConclusions
from controller.partners.consents import Consents
from controller.partners.door import Door
from controller.partners.invitations import Invitations
from controller.partners.joining import Joining
from controller.partners.notices import PartnerNotices
from controller.partners.referrals import Referrals
from controller.partners.sender import Sender
from controller.partners.taking import Taking
from controller.partners.told import Teller
from controller.partners.ways import WaysIn
from controller.store import Store


@dataclass(frozen=True, slots=True)
class OwnSite:
    """How this site shows itself. `folder`: its authority's; `pages`: their origin, "" if nobody said it;
    `keep_days`: see PartnersSection."""

    site: str
    name: str
    address: str
    folder: Path
    pages: str
    keep_days: int = 90

    def card(self, clock: Clock) -> Card:
        """What partners are given. Raises AuthorityError."""
        authority = held_authority(self.folder, moment(clock.utc_us() // 1_000_000))
        return Card(self.site, self.name, self.address, authority.root.public_bytes(Encoding.DER))


class Partnership:
    """The parts, wired to each other. Raises AuthorityError."""

    def __init__(self, store: Store, clock: Clock, own: OwnSite, conferences: ConferenceService) -> None:
        self.book = PartnerBook(store, clock, own.card(clock))
        self.consents = Consents(self.book)
        self.notices = PartnerNotices(self.book)
        self.referrals = Referrals(self.book, own.folder)
        self.invitations = Invitations(self.book, conferences.conferences)
        conferences.books.followers.append(self.invitations.follow)
        self.conclusions = PartnerConclusions(self.book, conferences.conclusions, self.invitations)
        conferences.books.followers.append(self.conclusions.follow)
        self.ways = WaysIn(self.book, conferences.rooms)
        self.joining = Joining(self.invitations, own.folder)
        self.sender = Sender(self.book, own.folder)
        news = self.book, conferences.directory, self.invitations, self.conclusions
        self.teller = Teller(*news, keep_days=own.keep_days)
        taking = Taking(self.book, conferences.directory, self.invitations, self.conclusions)
        self.door = Door(self.book, taking, self.ways, own.pages)

    async def let_in(self, context: ssl.SSLContext) -> None:
        """See Door.let_in."""
        await self.door.let_in(context)
