"""The conferences of one controller."""

from controller.clock import Clock
from controller.conferences.agenda import Agenda
from controller.conferences.books import Books
from controller.conferences.casefile import CaseFile
from controller.conferences.conclusions import Check, Conclusions
from controller.conferences.conferences import Conferences
from controller.conferences.directory import Directory
from controller.conferences.images import Images
from controller.conferences.items import Items
from controller.conferences.notices import Notices
from controller.conferences.record import Record
from controller.conferences.room import OfConferences
from controller.conferences.sharing import Sharing
from controller.prescriptions.books import Books as Prescriptions
from controller.store import Store


class ConferenceService:
    """All of it. Whoever wants to hear of changes adds to `books.followers`."""

    def __init__(self, store: Store, clock: Clock, check: Check, prescriptions: Prescriptions) -> None:
        self.books = Books(store, clock)
        self.conferences = Conferences(self.books)
        self.agenda = Agenda(self.books)
        self.directory = Directory(self.books)
        self.items = Items(self.books)
        self.images = Images(self.books)
        self.sharing = Sharing(self.books)
        self.casefile = CaseFile(store, prescriptions)
        self.conclusions = Conclusions(self.books, check)
        self.notices = Notices(self.books)
        self.record = Record(store)
        self.rooms = OfConferences(self.books)
