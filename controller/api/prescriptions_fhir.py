"""Prescriptions in FHIR R4: what a patient's are and what became of them, as searchset Bundles."""

from collections.abc import Awaitable, Callable, Iterable

import orjson
from aiohttp import web

from controller.api.auditing import record_access
from controller.api.fhir import asked_patient, to_utc_ms
from controller.api.patients import sight
from controller.api.prescriptions_shown import Json, service
from controller.prescriptions import fhir
from controller.prescriptions.cold.fhir import cold_members
from controller.prescriptions.delivered import deliveries
from controller.prescriptions.dispensed import dispenses_of_all
from controller.prescriptions.model import Prescription
from controller.prescriptions.signatures import kept_of_all
from controller.radiology.fhir import MEDIA, bundle


async def medication_requests(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/MedicationRequest."""

    async def made(rxs: list[Prescription]) -> list[Json]:
        kept = await kept_of_all(service(request).books, rxs)
        return [fhir.medication_request(rx, kept.get(rx.id)) for rx in rxs]

    return await _bundle(request, made)


async def tasks(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Task."""

    async def made(rxs: list[Prescription]) -> list[Json]:
        of, lacking = {rx.id: rx for rx in rxs}, to_utc_ms(request)
        found = await service(request).tasks.of(*rxs)
        return [fhir.task(one, of[one.prescription], lacking) for one in found]

    return await _bundle(request, made)


async def medication_dispenses(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/MedicationDispense."""

    async def made(rxs: list[Prescription]) -> list[Json]:
        found, lacking = await dispenses_of_all(service(request).books, rxs), to_utc_ms(request)
        return [fhir.medication_dispense(one, rx, lacking) for rx in rxs for one in found[rx.id]]

    return await _bundle(request, made)


async def supply_deliveries(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/SupplyDelivery."""

    async def made(rxs: list[Prescription]) -> list[Json]:
        books, lacking = service(request).books, to_utc_ms(request)
        dispenses = await dispenses_of_all(books, rxs)
        names = {one.id: one.number for found in dispenses.values() for one in found}
        ways = await deliveries(books, await sight(request), rxs)
        colds = await service(request).cold.shown([one.id for one, _ in ways])
        made = [(one, fhir.supply_delivery(one, rx, names[one.dispense], lacking)) for one, rx in ways]
        return [{**told, **cold_members(colds.get(one.id), lacking)} for one, told in made]

    return await _bundle(request, made)


async def medication_administrations(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/MedicationAdministration."""

    async def made(rxs: list[Prescription]) -> list[Json]:
        found, lacking = await service(request).rounds.charted_of(rxs), to_utc_ms(request)
        return [fhir.medication_administration(one, rx, lacking) for rx in rxs for one in found[rx.id]]

    return await _bundle(request, made)


async def provenances(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Provenance."""

    async def made(rxs: list[Prescription]) -> list[Json]:
        kept = await kept_of_all(service(request).books, rxs)
        return [fhir.provenance(rx, kept[rx.id]) for rx in rxs if rx.id in kept]

    return await _bundle(request, made)


async def _bundle(
    request: web.Request, made: Callable[[list[Prescription]], Awaitable[Iterable[Json]]]
) -> web.Response:
    """That one was shown a patient is on the disk before it goes out."""
    patient = asked_patient(request)
    found = [*await made(await service(request).books.listed(await sight(request), patient))]
    await record_access(request, {patient} if found else ())
    return web.Response(body=orjson.dumps(bundle(str(request.rel_url), found)), content_type=MEDIA)
