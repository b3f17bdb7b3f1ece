"""What pages in a visit's room are told of what is written: some seats alone, never a guest's."""

from controller.telemedicine.model import Visit
from controller.telemedicine.rooms.seat import Json
from controller.telemedicine.rooms.service import Rooms
from controller.telemedicine.states import OPEN

STAFF, TREATED = frozenset({"staff"}), frozenset({"staff", "patient"})


async def tell(rooms: Rooms, visit: Visit, parts: frozenset[str], message: Json) -> None:
    """Whoever of these `parts` sits there now; who comes later asks anew."""
    if visit.state not in OPEN:
        return
    for seat in list(rooms.room(visit.number).seats.values()):
        if seat.party.part in parts:
            seat.tell(message)
    await rooms.ring(visit.number)
