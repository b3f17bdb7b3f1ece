"""What FHIR has of one patient, by type: by the same mappers as the searches of controller/api/*fhir.py.

resources = Resources(app)
for one in await resources.of("MedicationRequest", "4711"): ...      # as the search shows them, to the byte
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from controller.api.bulk_devices import measuring
from controller.api.conferences_context import CONFERENCES
from controller.api.context import CONTEXT
from controller.api.imaging_context import IMAGING
from controller.api.payments_context import PAYING
from controller.api.visit_notes_context import WRITTEN
from controller.api.visit_summary import newest_signed
from controller.api.visits_context import TELEMEDICINE
from controller.conferences.fhir import document_references
from controller.errors import NotFound
from controller.imaging.dicomweb.query import LARGEST_PAGE
from controller.imaging.sight import Sight
from controller.imaging.speaker import Speaker
from controller.patients import fhir as patients
from controller.payments import fhir as payments
from controller.payments.model import Payment
from controller.prescriptions import fhir as prescriptions
from controller.prescriptions.books import SELECT as RX
from controller.prescriptions.books import prescription_of
from controller.prescriptions.cold.fhir import cold_members
from controller.prescriptions.delivered import deliveries
from controller.prescriptions.dispensed import dispenses_of_all
from controller.prescriptions.model import Prescription
from controller.prescriptions.signatures import kept_of_all
from controller.radiology import fhir as radiology
from controller.radiology.model import ImagingOrder
from controller.security.permissions import Permission
from controller.telemedicine import fhir as visits
from controller.telemedicine.books import SELECT as VISIT
from controller.telemedicine.books import visit_of
from controller.telemedicine.model import Visit
from controller.telemedicine.notes.model import SummaryVersion

Json = dict[str, Any]
OBSERVATION = "Observation"
_STUDY = "0020000D"
_READS = frozenset({str(Permission.READ_IMAGES)})
# In the order of the lists that people see, but all: those end after some hundred.
_RXS = f"{RX} WHERE ifnull(stay.identifier, prescription.subject) = ? ORDER BY prescription.id DESC"
_VISITS = f"{VISIT} WHERE ifnull(stay.identifier, visit.subject) = ? ORDER BY start_ms DESC, visit.id DESC"
_PAID = """SELECT DISTINCT subject FROM payment LEFT JOIN stay ON stay.id = payment.stay
WHERE ifnull(stay.identifier, payment.patient) = ?"""


class Resources:
    """Of the parts of an application; `to_utc_ms`: what its times lack to UTC. Methods raise StoreError."""

    def __init__(self, app: web.Application, actor: str, to_utc_ms: int) -> None:
        self._app, self._actor = app, actor
        self.to_utc_ms = self._to_utc_ms = to_utc_ms
        self._context = app[CONTEXT]

    async def of(self, kind: str, patient: str) -> list[Json]:
        """All of one type; none: there are none, or no such service."""
        return await TYPES[kind](self, patient)

    async def patient(self, patient: str) -> list[Json]:
        """Patient."""
        try:
            return [patients.patient(await self._context.patients.find(patient))]
        except NotFound:
            return []

    async def allergies(self, patient: str) -> list[Json]:
        """AllergyIntolerance."""
        try:
            return patients.allergies(await self._context.patients.find(patient), self._to_utc_ms)
        except NotFound:
            return []

    async def devices(self, patient: str) -> list[Json]:
        """Device: those that measured the patient."""
        return await measuring(self._context.store, patient)

    async def orders(self, patient: str) -> list[Json]:
        """ServiceRequest."""
        return [radiology.service_request(one, self._to_utc_ms) for one in await self._orders(patient)]

    async def _orders(self, patient: str) -> list[ImagingOrder]:
        listed, found = self._context.radiology.orders.listed, list[ImagingOrder]()
        while page := await listed(_only(patient), patient, before=found[-1].id if found else None):
            found += page
        return found

    async def reports(self, patient: str) -> list[Json]:
        """DiagnosticReport: of each order the newest version."""
        parts, found = self._context.radiology, list[Json]()
        for order in await self._orders(patient):
            if versions := await parts.reports.versions(order):
                found.append(radiology.diagnostic_report(order, versions[0], self._to_utc_ms))
        return found

    async def studies(self, patient: str) -> list[Json]:
        """ImagingStudy; none without an archive. Raises ServiceRefused, ServiceSilent."""
        if IMAGING not in self._app:
            return []
        series = dict[str, list[Json]]()
        for one in await self._archived("series", patient):
            series.setdefault(one[_STUDY]["Value"][0], []).append(one)
        found = await self._archived("studies", patient)
        return [radiology.imaging_study(one, series.get(one[_STUDY]["Value"][0], [])) for one in found]

    async def _archived(self, level: str, patient: str) -> list[Json]:
        client, found = self._app[IMAGING].client, list[Json]()
        speaker = Speaker(self._actor, "", _READS, _only(patient))
        asked = {"PatientID": patient, "limit": str(LARGEST_PAGE), "includefield": "all"}
        while page := await client.json(
            speaker, "GET", f"/dicom-web/{level}", params={**asked, "offset": str(len(found))}
        ):
            found += page
            if len(page) < LARGEST_PAGE:
                break
        return found

    async def invoices(self, patient: str) -> list[Json]:
        """Invoice; none without payments."""
        if PAYING not in self._app:
            return []
        books, found = self._app[PAYING].payments.books, list[Payment]()
        for row in await self._context.store.read(_PAID, (patient,)):
            found += await books.listed(_only(patient), row["subject"], patient)
        found.sort(key=lambda one: one.id, reverse=True)
        return [payments.invoice(one, self._to_utc_ms) for one in found]

    async def _rxs(self, patient: str) -> list[Prescription]:
        return [prescription_of(row) for row in await self._context.store.read(_RXS, (patient,))]

    async def medication_requests(self, patient: str) -> list[Json]:
        """MedicationRequest."""
        rxs = await self._rxs(patient)
        kept = await kept_of_all(self._context.prescriptions.books, rxs)
        return [prescriptions.medication_request(rx, kept.get(rx.id)) for rx in rxs]

    async def tasks(self, patient: str) -> list[Json]:
        """Task."""
        of = {rx.id: rx for rx in await self._rxs(patient)}
        found = await self._context.prescriptions.tasks.of(*of.values())
        return [prescriptions.task(one, of[one.prescription], self._to_utc_ms) for one in found]

    async def dispenses(self, patient: str) -> list[Json]:
        """MedicationDispense."""
        rxs = await self._rxs(patient)
        found = await dispenses_of_all(self._context.prescriptions.books, rxs)
        lacking = self._to_utc_ms
        return [prescriptions.medication_dispense(one, rx, lacking) for rx in rxs for one in found[rx.id]]

    async def supply_deliveries(self, patient: str) -> list[Json]:
        """SupplyDelivery."""
        service, lacking, rxs = self._context.prescriptions, self._to_utc_ms, await self._rxs(patient)
        dispenses = await dispenses_of_all(service.books, rxs)
        names = {one.id: one.number for found in dispenses.values() for one in found}
        ways = await deliveries(service.books, _only(patient), rxs)
        colds = await service.cold.shown([one.id for one, _ in ways])
        shape = prescriptions.supply_delivery
        made = [(one, shape(one, rx, names[one.dispense], lacking)) for one, rx in ways]
        return [{**told, **cold_members(colds.get(one.id), lacking)} for one, told in made]

    async def administrations(self, patient: str) -> list[Json]:
        """MedicationAdministration."""
        rxs, lacking = await self._rxs(patient), self._to_utc_ms
        found = await self._context.prescriptions.rounds.charted_of(rxs)
        shape = prescriptions.medication_administration
        return [shape(one, rx, lacking) for rx in rxs for one in found[rx.id]]

    async def _visits(self, patient: str) -> list[Visit]:
        return [visit_of(row) for row in await self._context.store.read(_VISITS, (patient,))]

    async def appointments(self, patient: str) -> list[Json]:
        """Appointment."""
        return [visits.appointment(one, self._to_utc_ms) for one in await self._visits(patient)]

    async def encounters(self, patient: str) -> list[Json]:
        """Encounter."""
        made = [visits.encounter(one, self._to_utc_ms) for one in await self._visits(patient)]
        return [one for one in made if one]

    async def consents(self, patient: str) -> list[Json]:
        """Consent."""
        held, clock, found = self._app[TELEMEDICINE].consents, self._context.clock, list[Json]()
        for visit in await self._visits(patient):
            said = await held.said(visit)
            now, lacking = clock.now_us() // 1000, self._to_utc_ms
            found += [visits.consent(visit, place, one, now, lacking) for place, one in enumerate(said, 1)]
        return found

    async def compositions(self, patient: str) -> list[Json]:
        """Composition."""
        return await self._summaries(patient, visits.composition)

    async def documents(self, patient: str) -> list[Json]:
        """DocumentReference."""
        concluded = await self._app[CONFERENCES].record.of(patient)
        made = [reference for one in concluded for reference in document_references(one)]
        return [*await self._summaries(patient, visits.document_reference), *made]

    async def _summaries(self, patient: str, shape: Callable[[SummaryVersion, Visit], Json]) -> list[Json]:
        summaries, made = self._app[WRITTEN].summaries, list[Json]()
        for visit in await self._visits(patient):
            if found := newest_signed(await summaries.versions(visit)):
                made.append(shape(found, visit))
        return made


def _only(patient: str) -> Sight:
    return Sight(frozenset({patient}))


TYPES: Mapping[str, Callable[[Resources, str], Awaitable[list[Json]]]] = {
    "AllergyIntolerance": Resources.allergies,
    "Appointment": Resources.appointments,
    "Composition": Resources.compositions,
    "Consent": Resources.consents,
    "Device": Resources.devices,
    "DiagnosticReport": Resources.reports,
    "DocumentReference": Resources.documents,
    "Encounter": Resources.encounters,
    "ImagingStudy": Resources.studies,
    "Invoice": Resources.invoices,
    "MedicationAdministration": Resources.administrations,
    "MedicationDispense": Resources.dispenses,
    "MedicationRequest": Resources.medication_requests,
    "Patient": Resources.patient,
    "ServiceRequest": Resources.orders,
    "SupplyDelivery": Resources.supply_deliveries,
    "Task": Resources.tasks,
}
"""By type, what makes them of a patient."""
KINDS = tuple(sorted({*TYPES, OBSERVATION}))
"""All that is exported: what a token can search `/api/fhir` for, devices, and readings piece by piece
(controller/api/bulk_observations.py)."""
