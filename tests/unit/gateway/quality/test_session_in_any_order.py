"""Never two sessions, and none that stays: whatever is lost, refused or ended, in any order."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from devices.model.observation import later
from devices.model.quality_on_demand import Standing
from gateway.errors import ApiRefused
from gateway.quality.session import LONGEST_WAIT_S, Create, Delete, Find, QosSession, Request
from gateway.quality.wire import QosStatus, SessionInfo
from tests.unit.gateway.quality.talk import ASKED_S, START, name, told


class AnyOrder(RuleBasedStateMachine):
    """An operator that keeps to the document, with a network and a clock that do what they like.

    Requests may be lost before or after they were done, refused, and the network may end a session.
    """

    def __init__(self) -> None:
        super().__init__()
        self.session, self.now = QosSession(ASKED_S), START
        self.live: dict[str, SessionInfo] = {}
        self.made = 0

    @rule(wanted=st.booleans())
    def want(self, wanted: bool) -> None:
        self.session.want(wanted)

    @rule(seconds=st.sampled_from([0.5, 2, 15, 120, 450, 900]))
    def time_passes(self, seconds: float) -> None:
        self.now = later(self.now, seconds)

    @precondition(lambda self: self.live)
    @rule(forgotten=st.booleans())
    def the_network_ends_it(self, forgotten: bool) -> None:
        [(key, info)] = self.live.items()
        ended = info.model_copy(update={"qos_status": QosStatus.UNAVAILABLE})
        self.live = {} if forgotten else {key: ended}

    @rule(how=st.sampled_from(["done", "done", "done", "refused", "fault", "lost", "done-and-lost"]))
    def it_asks(self, how: str) -> None:
        request = self.session.next(self.now)
        if request is None:
            return
        refusals = {"refused": ApiRefused(429, "TOO_MANY_REQUESTS"), "fault": ApiRefused(503, "")}
        if how in refusals:
            self.session.refused(request, refusals[how], self.now)
        elif how == "lost":
            self.session.lost(request, "lost", self.now)
        else:
            self.obey(request, lost=how == "done-and-lost")

    def obey(self, request: Request, *, lost: bool = False) -> None:
        answer = self.done(request)
        if lost:
            self.session.lost(request, "lost", self.now)
        elif isinstance(answer, ApiRefused):
            self.session.refused(request, answer, self.now)
        else:
            self.session.answered(request, answer, self.now, self.now)

    def done(self, request: Request) -> tuple[SessionInfo, ...] | ApiRefused:
        if isinstance(request, Find):
            return tuple(self.live.values())
        if isinstance(request, Create):
            if self.live:
                return ApiRefused(409, "CONFLICT")
            self.made += 1
            self.live[name(self.made)] = told(self.made)
            return (told(self.made),)
        if request.session not in self.live:
            return ApiRefused(404, "NOT_FOUND")
        if isinstance(request, Delete):
            del self.live[request.session]
            return ()
        return (self.live[request.session],)

    @invariant()
    def there_are_never_two_sessions(self) -> None:
        assert len(self.live) <= 1

    @invariant()
    def what_is_told_to_be_released_is_not_there(self) -> None:
        assert not (self.session.standing == Standing.RELEASED and self.session.is_clear and self.live)

    def teardown(self) -> None:
        """Unwanted, and all is answered: nothing is left. Wanted once more: it is there."""
        for wanted in (False, True):
            self.session.want(wanted)
            for _ in range(12):
                self.now = later(self.now, LONGEST_WAIT_S)
                while request := self.session.next(self.now):
                    self.obey(request)
            assert len(self.live) == wanted
            assert self.session.standing == (Standing.AVAILABLE if wanted else Standing.RELEASED)


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAnyOrder = AnyOrder.TestCase
