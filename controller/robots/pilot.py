"""One robot's side of VDA 5050, without input or output: what the fleet wants of it becomes messages.

    pilot.go(go), pilot.cancel(why), pilot.pausing.reasons.add("jump") # what is wanted
    pilot.state(facts)                                        # what the robot says
    for draft in pilot.due(now_ms, hold): …                   # what is to be sent now

One order's message is under way at a time; one that no state shows is sent again with the same ids. A new
order goes only to a robot that says that nothing of the last is left, and that nothing sent can still reach.
"""

import math
from collections.abc import Callable, Mapping

from controller.robots.asking import AGAIN_MS, Asked, Draft, had_no_order, instant
from controller.robots.decisions import Go
from controller.robots.errand import Errand, Names, Pose, Start, begin, extend
from controller.robots.facts import NEAR_M, Facts, away
from controller.robots.geometry import to_segment
from controller.robots.ground import Ground
from controller.robots.handling import can_do
from controller.robots.inquiring import Inquiry, is_whole
from controller.robots.pausing import Pausing
from controller.robots.reasons import because
from controller.robots.told import LIFE_MS
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.header import Header, next_header_id, timestamp_of
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ActionScope

PATIENCE_MS = 5_000
"""So long a robot whose next order waits may take to say that it has ended the last."""
_ON_EDGE_M = 0.5


class Pilot:
    """`ids` gives names that no order or action ever had; `revision` is the map's."""

    def __init__(self, robot: str, ground: Ground, ids: Callable[[], str]) -> None:
        self.robot = robot
        self.version: Version | None = None
        self.manufacturer = self.serial = self.gateway = ""
        self.sheet: Factsheet | None = None
        self.facts: Facts | None = None
        self.errand: Errand | None = None
        self.confirmed = False
        self.over = False
        """Its order was cancelled, or it does not have it any more."""
        self.want: Go | None = None
        self.last: Go | None = None
        self.pausing = Pausing(ids)
        self.flights: dict[int, int] = {}
        """Orders that were sent and not answered, by number: until when they may reach it, ms."""
        self._ground = ground
        self._ids = ids
        self._inquiry = Inquiry(ids)
        self._cancel: Asked | None = None
        self._sent_ms = 0
        self._waits_ms: int | None = None
        self._headers: dict[Topic, int] = {}
        self._again: Draft | None = None

    # What is wanted

    def go(self, go: Go) -> None:
        """It is to drive so."""
        self.want = self.last = go
        self.pausing.reasons.discard("fleet")

    def resume(self, errand: Errand, last: Go, told: Draft | None, told_ms: int) -> None:
        """It goes on with an order from before a start; `told`: its message, if no state shows it yet."""
        self.errand, self.last = errand, last
        self._again, self._sent_ms = told, told_ms

    def cancel(self, why: str, now_ms: int) -> None:
        """It is to drop its order, if it can have one."""
        self.want = None
        if self._cancel is None and not self.is_settled(now_ms):
            self._cancel = Asked(f"{self._ids()}-cancel", why, kind="cancelOrder")

    def drop(self) -> None:
        """It has refused its order: there is none."""
        self.over, self.want, self._again = True, None, None

    def begin_anew(self, why: str, now_ms: int) -> None:
        """What it was to do is told as an order of its own."""
        self._again, self.want = None, None
        self.cancel(why, now_ms)
        self.want = self.last

    def answered(self, number: int, *, reached: bool) -> None:
        """Its gateway has said what became of a message; not `reached`: it never will."""
        if self.flights.pop(number, None) and not reached:
            self._sent_ms -= AGAIN_MS

    # What is so

    @property
    def is_cancelling(self) -> bool:
        """Whether it was told to drop its order, and has not said yet that it did."""
        return self._cancel is not None

    def is_settled(self, now_ms: int) -> bool:
        """Whether it stands with nothing to do, and nothing can still reach it: it may get any order."""
        self.flights = {n: until for n, until in self.flights.items() if until >= now_ms}
        facts, open_order = self.facts, self.errand and not self.over and not self.confirmed
        cancelling = self._cancel is not None and self._cancel.sent_ms > 0
        if facts is None or self.flights or cancelling or open_order:
            return False
        return facts.is_idle and is_whole(facts, now_ms)

    def can(self, action: str, scope: ActionScope = ActionScope.NODE) -> bool:
        """Whether it has this action; one that has not said what it has may."""
        return self.sheet is None or self.sheet.action(action, scope) is not None

    def state(self, facts: Facts) -> None:
        """It has said how it is."""
        self.facts = facts
        self._confirm()
        self._settle_cancel()
        self.pausing.heard(facts)
        lost = self.errand and self.confirmed and not self.over and facts.state.order_id == ""
        if lost and facts.is_idle:
            self.over, self.want = True, self.last

    def _confirm(self) -> None:
        facts, errand = self.facts, self.errand
        if facts is None or errand is None:
            return
        said = facts.state.order_id, facts.state.order_update_id
        if said[0] == errand.order.order_id and said[1] >= errand.order.order_update_id:
            self.confirmed, self._again = True, None

    def _settle_cancel(self) -> None:
        asked, facts = self._cancel, self.facts
        if asked is None or facts is None:
            return
        if had_no_order(facts.state, asked) or facts.ended(asked.action_id):
            self._cancel, self.over, self._again = None, True, None

    # What is to be sent

    def due(self, now_ms: int, hold: str = "") -> list[Draft]:
        """What is to be sent now. `hold`: why it gets nothing to drive on."""
        if self.facts is None or self.version is None:
            return []
        drafts = self._beside(self.facts, now_ms)
        if self._cancel:
            return drafts
        if self._again:
            late = now_ms - self._sent_ms >= AGAIN_MS and not hold
            return [*drafts, *self._order(self._again, now_ms)] if late else drafts
        if hold or self.pausing.reasons or self.pausing.is_open or self.facts.state.paused:
            return drafts
        return self._tell(now_ms) if self.want else []

    def _beside(self, facts: Facts, now_ms: int) -> list[Draft]:
        """What it is asked beside its order: how it is, to stand or to go on, to drop what it has."""
        asks = self._inquiry.due(facts, now_ms, knows=self.sheet is not None)
        drafts = [self.instant(asked, {}, now_ms) for asked in asks]
        may_go_on = not self._cancel and (facts.is_idle or not self.over)
        if pause := self.pausing.due(facts, now_ms, may_go_on=may_go_on):
            drafts += self._instant(pause, now_ms)
        return [*drafts, *self._cancelling(self._cancel, facts, now_ms)] if self._cancel else drafts

    def _cancelling(self, asked: Asked, facts: Facts, now_ms: int) -> list[Draft]:
        """While it says that it has nothing, an order that may still come is waited for."""
        if asked.sent_ms or not facts.is_idle:
            return self._instant(asked, now_ms)
        if self.is_settled(now_ms):
            self._cancel, self.over = None, True
            return []
        waits = bool(self.flights) or not is_whole(facts, now_ms)
        return [] if waits else self._instant(asked, now_ms)

    def _instant(self, asked: Asked, now_ms: int) -> list[Draft]:
        if asked.sent_ms and now_ms - asked.sent_ms < AGAIN_MS:
            return []
        asked.sent_ms = now_ms
        return [self.instant(asked, {}, now_ms)]

    def instant(self, asked: Asked, given: Mapping[str, object], now_ms: int) -> Draft:
        """An instant action, once."""
        return instant(asked, given, self._header(Topic.INSTANT_ACTIONS, now_ms))

    def _tell(self, now_ms: int) -> list[Draft]:
        want, errand = self.want, self.errand
        assert want
        goes_on = errand is not None and not self.over and errand.number == want.order
        if errand is None or not goes_on:
            return self._begin(now_ms)
        if errand.ends_with_action:
            same = want.points[-1].sequence == errand.end and want.action == errand.action
            if same:
                self.want = None
            return [] if same else self._begin(now_ms)
        further = extend(errand, want, self._ground, self._names(now_ms))
        if further:
            self.want, self.confirmed = None, False
            return self._order(Draft(Topic.ORDER, further[1], want.why, further[0]), now_ms)
        return self._at_end(errand, want, now_ms)

    def _at_end(self, errand: Errand, want: Go, now_ms: int) -> list[Draft]:
        """The base does not grow: done, unless something is to be done at its end: that is a new order."""
        ends = want.points[-1].sequence == errand.end and want.released == len(want.points)
        end = self._ground.map.by_id[want.points[-1].node]
        if not ends or not can_do(self.sheet, want.action, end):
            self.want = None
            return []
        return self._begin(now_ms) if self.is_settled(now_ms) else []

    def _begin(self, now_ms: int) -> list[Draft]:
        """A new order; first the old one has to be over."""
        assert self.want
        if not self.is_settled(now_ms):
            self._end_old(now_ms)
            return []
        names = self._names(now_ms)
        errand = begin(self.want, self._start(self.want), self._ground, names)
        why = self.want.why
        self.want, self.confirmed, self.over, self._waits_ms = None, False, False, None
        return self._order(Draft(Topic.ORDER, errand.order, why, errand), now_ms)

    def _end_old(self, now_ms: int) -> None:
        """An action that nobody waits for any more is cancelled at once, a robot that still drives soon."""
        want, errand = self.want, self.errand
        if self._waits_ms is None:
            self._waits_ms = now_ms
        acts = errand and errand.ends_with_action and not self.over
        if acts or now_ms - self._waits_ms >= PATIENCE_MS:
            self.cancel(because("something-else"), now_ms)
            self.want, self._waits_ms = want, None

    def _start(self, want: Go) -> Start:
        """Where in its way it stands."""
        facts, errand = self.facts, self.errand
        assert facts
        index = 0
        if errand and errand.number == want.order and (place := errand.place(facts.sequence)):
            index = next((i for i, p in enumerate(want.points) if p.sequence == place[1]), 0)
        pose, node = facts.pose, want.points[index].node
        gap = away(pose, node, self._ground)
        if pose is None or gap <= NEAR_M or math.isinf(gap):
            return Start(index)
        return Start(index, pose, behind=index + 1 < want.released and self._left(pose, want, index))

    def _left(self, pose: Pose, want: Go, index: int) -> bool:
        """Whether it is on the way from this point to the next."""
        a, b = (self._ground.map.by_id[point.node] for point in want.points[index : index + 2])
        apart = to_segment((pose.x, pose.y), ((a.x, a.y), (b.x, b.y)))
        return a.map == b.map and apart <= _ON_EDGE_M

    def _order(self, draft: Draft, now_ms: int) -> list[Draft]:
        self.errand, self._again, self._sent_ms = draft.errand, draft, now_ms
        return [draft]

    def sent(self, number: int, now_ms: int) -> None:
        """An order's message goes out under this number."""
        self.flights[number] = now_ms + LIFE_MS + AGAIN_MS

    def _names(self, now_ms: int) -> Names:
        facts = self.facts
        return Names(
            order_id=self._ids(),
            header=self._header(Topic.ORDER, now_ms),
            revision=self._ground.map.revision,
            sheet=self.sheet,
            speed=self.speed,
            charging=bool(facts and facts.state.battery_state.charging),
        )

    @property
    def speed(self) -> float:
        """At most, m/s."""
        return self.sheet.physical_parameters.speed_max if self.sheet else 2.0

    def _header(self, topic: Topic, now_ms: int) -> Header:
        number = self._headers[topic] = next_header_id(self._headers.get(topic, -1))
        assert self.version
        return Header(
            header_id=number,
            timestamp=timestamp_of(now_ms * 1000),
            version=self.version.value,
            manufacturer=self.manufacturer,
            serial_number=self.serial,
        )
