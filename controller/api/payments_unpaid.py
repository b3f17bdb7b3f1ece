"""What is handed over unpaid: by the site's rule, or because a pharmacist says why, which is recorded."""

from aiohttp import web

from controller.api.payments_context import PAYING
from controller.api.prescriptions_shown import by, service
from controller.audit.entry import Entry
from controller.errors import Conflict
from controller.imaging.sight import Sight
from controller.payments.handing import keeps
from controller.prescriptions.dispensed import find

_UNPAID = "{} is not paid for: ask the patient to pay, or say why it is handed over all the same (unpaid_why)"


async def check_paid(request: web.Request, number: str, seen: Sight, why: str) -> None:
    """Before the dispense `number` is handed over. Raises Conflict: it waits for its payment; NotFound."""
    held = request.config_dict.get(PAYING)
    if held is None:
        return
    dispense, rx = await find(service(request).books, number, seen)
    task, _ = await service(request).tasks.find(dispense.task, seen)
    books = held.payments.books
    found = await books.listed(seen, subject=f"{rx.number}/{task.fill + 1}")
    payment = found[0] if found else None
    if not keeps(held.section.unpaid, rx.wanted.priority, rx.delivery, payment):
        return
    if not why:
        raise Conflict(_UNPAID.format(number))
    who = by(request, why)
    detail = {"payment": payment.number if payment else "", "prescription": rx.number}
    where, entity = who.where, f"dispense/{number}"
    entry = Entry(
        "unpaid-agreed", who.actor, entity, patient=rx.identifier, where=where, why=why, detail=detail
    )
    await books.note(entry)
