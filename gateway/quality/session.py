"""What to ask the operator for, and when: never two sessions, none that nobody wants. No input or output.

session = QosSession(asked_s=600)
session.want(True, now)
request = session.next(now)                     # one at a time; None: nothing before session.due()
session.answered(request, told, asked, now)     # or refused(request, error, now), or lost(request, why, now)

The operator's own word counts: what it may hold beside our one session is looked for and deleted first, after
a start, an answer that did not come, or a conflict. When ours ends is reckoned from when it was asked for, so
no clock is compared: it cannot end earlier. Whatever fails is tried again later, and holds nothing up.
"""

from dataclasses import dataclass, field

from devices.model.observation import Instant, later
from devices.model.quality_on_demand import Standing
from gateway.errors import ApiRefused
from gateway.links.backoff import Backoff
from gateway.quality.wire import QosStatus, SessionInfo

FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 120.0
SOON_S, SELDOM_S = 1.0, 15.0
"""How often the state of a session is asked for: while it is REQUESTED, and when it is AVAILABLE."""
TOLD_S = 600.0
"""The same if the operator tells of it: what it says may be lost on the way."""
_DOUBTED = 3
"""After so many questions without an answer nobody knows whether the quality is still there."""
_GONE, _CONFLICT, _BROKEN = 404, 409, 500
_NOT_OFFERED = {403, 404, 405, 501}
_AT_ONCE = Instant(0)


@dataclass(frozen=True, slots=True)
class Find:
    """`retrieveSessionsByDevice`: which sessions there are."""


@dataclass(frozen=True, slots=True)
class Create:
    """`createSession`."""


@dataclass(frozen=True, slots=True)
class Look:
    """`getSession`."""

    session: str


@dataclass(frozen=True, slots=True)
class Extend:
    """`extendQosSessionDuration`."""

    session: str
    by_s: int


@dataclass(frozen=True, slots=True)
class Delete:
    """`deleteSession`."""

    session: str


Request = Find | Create | Look | Extend | Delete


@dataclass(slots=True)
class _Held:
    """Our session. It lasts at least until `begun` and its duration."""

    id: str
    begun: Instant
    look_at: Instant
    told: bool = False
    """Whether the operator tells when its state changes."""
    duration_s: int = 0
    """Since it is AVAILABLE."""
    extend_at: Instant | None = None
    """None: not now, or not any more."""


@dataclass(slots=True)
class QosSession:
    """`asked_s`: the duration that is asked for, and by which it is extended, seconds."""

    asked_s: int
    wanted: bool = False
    standing: Standing | None = None
    """None: nothing is known yet."""
    why: str = ""
    _known: bool = False
    """Whether the operator holds nothing but what is written here."""
    _held: _Held | None = None
    _left: list[str] = field(default_factory=list[str])
    """Sessions that are to be deleted whether quality is wanted or not."""
    _not_before: Instant = _AT_ONCE
    _losses: int = 0
    _wait: Backoff = field(default_factory=lambda: Backoff(FIRST_WAIT_S, LONGEST_WAIT_S))

    def want(self, wanted: bool) -> None:
        """From now on quality is wanted, or not."""
        if wanted and not self.wanted:
            self._wait.reset()
        self.wanted = wanted
        self._settle()

    @property
    def is_clear(self) -> bool:
        """Whether the operator certainly holds nothing for us."""
        return self._known and self._held is None and not self._left

    @property
    def told(self) -> str:
        """The session of whose state the operator tells; empty: there is none."""
        return self._held.id if self._held and self._held.told else ""

    def notified(self, session: str, now: Instant) -> None:
        """Somebody says that the state of `session` changed: which it is, is asked."""
        if self._held and self._held.id == session:
            self._held.look_at = now

    def due(self) -> Instant | None:
        """When `next` has something; None: not before something else is wanted."""
        planned = self._plan()
        return None if planned is None else max(planned[1], self._not_before)

    def next(self, now: Instant) -> Request | None:
        """What to ask for at `now`."""
        planned = self._plan()
        return planned[0] if planned and max(planned[1], self._not_before) <= now else None

    def _plan(self) -> tuple[Request, Instant] | None:
        held = self._held
        if not self._known:
            return Find(), _AT_ONCE
        if self._left:
            return Delete(self._left[0]), _AT_ONCE
        if held is None:
            return (Create(), _AT_ONCE) if self.wanted else None
        if not self.wanted:
            return Delete(held.id), _AT_ONCE
        if held.extend_at is not None and held.extend_at <= held.look_at:
            return Extend(held.id, self.asked_s), held.extend_at
        return Look(held.id), held.look_at

    def answered(self, request: Request, told: tuple[SessionInfo, ...], asked: Instant, now: Instant) -> None:
        """`told` at `now` is the answer to `request` of `asked`."""
        self._losses = 0
        match request:
            case Find():
                self._known, self._held = True, None
                self._left = [one.id for one in told]
            case Create():
                self._held = _Held(told[0].id, asked, now)
                self._seen(self._held, told[0], now)
            case Look() | Extend() if self._held:
                before = self._held.duration_s
                self._seen(self._held, told[0], now)
                if isinstance(request, Extend) and self._held and self._held.duration_s <= before:
                    self._held.extend_at = None  # no longer than the profile allows
                elif self.standing == Standing.AVAILABLE:
                    self._wait.reset()
            case _:
                self._gone(request)
        self._settle()

    def _seen(self, held: _Held, told: SessionInfo, now: Instant) -> None:
        if told.qos_status == QosStatus.UNAVAILABLE:
            self._ended(told.status_info or "UNAVAILABLE", now)
            self._left.append(held.id)  # the document: released by an explicit delete, then asked for anew
            return
        available = told.qos_status == QosStatus.AVAILABLE
        self._stand(Standing.AVAILABLE if available else Standing.REQUESTED)
        held.told = bool(told.sink)
        held.look_at = later(now, _wait_s(available=available, told=held.told))
        if available and told.duration != held.duration_s:
            spare_s = min(self.asked_s, told.duration) / 4
            held.extend_at = later(held.begun, told.duration - spare_s)
            held.duration_s = told.duration

    def refused(self, request: Request, error: ApiRefused, now: Instant) -> None:
        """The operator said no to `request`."""
        self._losses = 0
        if error.status == _GONE and isinstance(request, Look | Extend | Delete):
            if self._held and request.session == self._held.id and not isinstance(request, Delete):
                self._ended(str(error), now)
            self._gone(request)
        else:
            self._again(now, error.retry_after_s)
            self._said_no(request, error, now)
        self._settle()

    def _said_no(self, request: Request, error: ApiRefused, now: Instant) -> None:
        match request:
            case Find():
                self._known = error.status in _NOT_OFFERED  # then a conflict may say that there is one
            case Create():
                self._known = error.status < _BROKEN and error.status != _CONFLICT
            case Extend() if self._held:
                self._held.look_at = now
                self._held.extend_at = self._not_before if error.status != _CONFLICT else None
            case _:
                pass
        if self._held is None:
            self._stand(Standing.REFUSED, str(error))

    def lost(self, request: Request, why: str, now: Instant) -> None:
        """No answer came: what was asked for may have been done, or not."""
        self._again(now)
        self._losses += 1
        if isinstance(request, Create):
            self._known = False
        if self._held:
            self._held.look_at = now
        if self._held is None or self._losses >= _DOUBTED:
            self._stand(Standing.UNREACHABLE, why)

    def _gone(self, request: Request) -> None:
        if isinstance(request, Look | Extend | Delete):
            self._left = [one for one in self._left if one != request.session]
            if self._held and self._held.id == request.session:
                self._held = None

    def _ended(self, why: str, now: Instant) -> None:
        self._held = None
        self._stand(Standing.ENDED, why)
        self._again(now)

    def _again(self, now: Instant, at_least_s: float = 0) -> None:
        self._not_before = later(now, max(self._wait.failed(), min(at_least_s, LONGEST_WAIT_S)))

    def _stand(self, standing: Standing, why: str = "") -> None:
        if self.wanted:
            self.standing, self.why = standing, why

    def _settle(self) -> None:
        if self.is_clear and not self.wanted:
            self.standing, self.why = Standing.RELEASED, ""


def _wait_s(*, available: bool, told: bool) -> float:
    if told:
        return TOLD_S if available else SELDOM_S
    return SELDOM_S if available else SOON_S
