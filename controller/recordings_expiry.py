"""The end of recordings, of whichever meetings they are: for the keeper of everything that ages."""

from collections.abc import Awaitable, Callable

from controller.clock import Clock
from controller.conferences.books import Books as Conferences
from controller.conferences.room import LETTERS, OfConferences
from controller.config import Config
from controller.store import Store
from controller.telemedicine.books import Books as Visits
from controller.telemedicine.recordings import endings
from controller.telemedicine.recordings.books import Books
from controller.telemedicine.rooms.meeting import OF_VISITS, OfVisits


def expiry(store: Store, clock: Clock, config: Config) -> Callable[[], Awaitable[int]]:
    """Of all that are in this store; see endings.expiry."""
    kinds = {OF_VISITS: OfVisits(Visits(store, clock)), LETTERS: OfConferences(Conferences(store, clock))}
    place = config.telemedicine and config.telemedicine.objects
    return endings.expiry(Books(store, clock, kinds), endings.vault(config.data, place, clock))
