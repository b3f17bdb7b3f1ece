"""Orders, reports and notices of one controller, and the news of them on the screens."""

from controller.clock import Clock
from controller.hub import Hub
from controller.radiology.arrived import Arrivals, Arrived
from controller.radiology.model import ImagingOrder
from controller.radiology.notices import Notices
from controller.radiology.orders import ImagingOrders
from controller.radiology.reports import Reports, Sign
from controller.registry import Registry
from controller.store import Store


class Radiology:
    """All of it. Whoever changes something of an order says so by `tell`."""

    def __init__(self, store: Store, clock: Clock, registry: Registry, hub: Hub, sign: Sign) -> None:
        self.orders = ImagingOrders(store, clock)
        self.reports = Reports(store, clock, sign)
        self.notices = Notices(store, clock)
        self._arrivals = Arrivals(store, clock)
        self._registry = registry
        self._hub = hub

    async def arrived(self, study: str, accession: str, patient: str) -> Arrived:
        """See Arrivals."""
        arrived = await self._arrivals.arrived(study, accession, patient)
        if arrived.order is not None:
            self.tell(arrived.order)
        return arrived

    def tell(self, order: ImagingOrder) -> None:
        """Say that there is news of `order` to those who see its patient, or the bed where that lay last."""
        beds = self._registry.beds.values()
        here = [one.id for one in beds if one.patient and one.patient.identifier == order.identifier]
        self._hub.crew(here or [order.bed], "radiology")
