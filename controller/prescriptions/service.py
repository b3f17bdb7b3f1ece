"""Prescriptions and all that comes of them, of one controller, and the news of them on the screens."""

from collections.abc import Awaitable, Callable
from functools import partial

from controller.clock import Clock
from controller.hub import Hub
from controller.prescriptions.alone import Afterwards
from controller.prescriptions.books import Books
from controller.prescriptions.cold.boxes import Boxes
from controller.prescriptions.cold.desk import ColdDesk
from controller.prescriptions.cold.watch import ColdWatch
from controller.prescriptions.delivery import Deliveries
from controller.prescriptions.dispense import Dispensing
from controller.prescriptions.endings import Completing
from controller.prescriptions.medicines import Medicines
from controller.prescriptions.model import Prescription
from controller.prescriptions.notices import Notices
from controller.prescriptions.people import People
from controller.prescriptions.pharmacy_notices import Expiring, PharmacyNotices
from controller.prescriptions.prescribing import Checks, NoChecks, Prescribing
from controller.prescriptions.products import Products
from controller.prescriptions.repeats import Repeats
from controller.prescriptions.riding import Riding
from controller.prescriptions.rounds import Rounds
from controller.prescriptions.signatures import Signatures
from controller.prescriptions.tasks import Tasks
from controller.registry import Registry
from controller.sections import PrescriptionsSection
from controller.store import Store

NEWS = "prescriptions"
"""The kind of event by which the pages hear that they have to ask anew."""


class Prescriptions:
    """All of it. Whoever changes something of a prescription says so by `tell`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        registry: Registry,
        hub: Hub,
        signatures: Signatures,
        *,
        checks: Checks | None = None,
        medicines: Medicines,
        people: People,
        gap_ms: int = 600_000,
    ) -> None:
        self.books = Books(store, clock, gap_ms)
        self.signatures = signatures
        self.checks = checks or NoChecks()
        self.prescribing = Prescribing(self.books, signatures, self.checks)
        self.tasks = Tasks(self.books, signatures)
        self.medicines = medicines
        self.products = Products(self.books, medicines)
        self.dispensing = Dispensing(self.books, signatures, self.products)
        self.deliveries = Deliveries(self.books, people)
        self.riding = Riding(self.books, self.deliveries, people)
        self.cold = ColdDesk(self.books, self.deliveries)
        self.boxes = Boxes(self.books)
        self.repeats = Repeats(self.books)
        self.rounds = Rounds(self.books, signatures, self.products, people)
        self.afterwards = Afterwards(self.books, people)
        self.notices = Notices(self.books)
        self.pharmacy_notices = PharmacyNotices(self.books)
        self._registry = registry
        self._hub = hub

    def tell(self, rx: Prescription) -> None:
        """Say that there is news of `rx` to those who see its patient."""
        tell(self._registry, self._hub, rx)


def tell(registry: Registry, hub: Hub, rx: Prescription) -> None:
    """Say that there is news of `rx` to those who see its patient."""
    beds = registry.beds.values()
    if here := [one.id for one in beds if one.patient and one.patient.identifier == rx.identifier]:
        hub.crew(here, NEWS)


def by_themselves(
    store: Store, clock: Clock, registry: Registry, hub: Hub, known: PrescriptionsSection
) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
    """What goes on without anybody asking, by name: reminders, completion, what expires, what is too warm."""
    books, say = Books(store, clock, known.cold_gap_minutes * 60_000), partial(tell, registry, hub)
    loops = Repeats(books).run, Completing(books, say).run, Expiring(books).run, ColdWatch(books, say).run
    return list(zip(("repeats", "completing", "expiring", "cold"), loops, strict=True))
