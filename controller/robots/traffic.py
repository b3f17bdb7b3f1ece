"""Who may be where: no two robots on conflicting parts of the ground, and always a way out for all of them.

A robot *holds* parts: the node where it is, and of its way the edges and nodes up to which it was let go (the
base of VDA 5050). It gets more of its way piece by piece, and gives back what it says it has passed.

**No collision.** A piece is given only if nothing that conflicts with it is held by another robot. Who drives
on an edge holds both of its ends. What is held is given back only by a report of having passed it, so a lost
or late report only keeps more than is needed.

**No deadlock.** A robot under way has a whole path, and its end is a resting place reserved for it alone; no
path leads through resting places, and nothing on a way conflicts with one (controller/robots/checks.py). So
whoever has arrived, and whoever waits there for a person, stands in nobody's way. A path is admitted, and a
piece given, only if afterwards an order exists in which all under way arrive one after the other, each past
what the later ones hold now (Dijkstra's banker, with single units). Such an order is found greedily: an
arrival frees parts and takes none that others need, so taking any that can arrive is never wrong. The first
in that order always gets its next piece: the state after it is safe by the same order. So somebody always can
go on, and without new paths all arrive.

**No starvation.** Hence whoever waits under way, or for a path, waits for robots that arrive in a finite time
unless ever new paths are admitted before it: driving.py beside this admits none that needs what somebody
waits for too long. There are at least as many parks and chargers as robots (`Fleet` refuses more), so whoever
must leave a station finds a resting place.

**Faults.** What does not drive by our word (stopped, silent, taken by a person, without a path) is an
*obstacle*: it holds what it held, takes no part in the order, and who needs its parts needs another path.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from controller.robots.ground import Ground, mask_of
from controller.robots.routes import Path

NO_EDGE = -1


@dataclass(frozen=True, slots=True)
class Step:
    """A node of a way, the edge that leads to it (NO_EDGE: none), and its VDA 5050 `sequenceId`, even."""

    edge: int
    node: int
    sequence: int


@dataclass(slots=True)
class Claim:
    """What one robot holds and where it goes."""

    path: list[Step]
    at: int = 0
    """Of the path, where the robot was last seen."""
    given: int = 0
    """Of the path, how far it may go."""
    obstacle: bool = True
    """It does not count on to arrive."""
    tail: int = 0
    """Parts that it holds besides, until it is seen at a node of its path."""
    held: int = 0
    want: int = 0
    """What must not be held by others for it to arrive."""
    fresh: bool = True
    """It has no order, or a finished one: the next path is a new order, not an update."""
    order: int = 0
    """Number of its VDA 5050 order."""
    update: int = -1
    """Number of the latest update that was told; -1: none yet."""
    needs: list[int] = field(default_factory=list[int])

    @property
    def goal(self) -> int:
        """Where its path ends."""
        return self.path[-1].node

    @property
    def end(self) -> int:
        """The node up to which it may go."""
        return self.path[self.given].node

    @property
    def under_way(self) -> bool:
        """Whether it is still to arrive."""
        return self.at < len(self.path) - 1


class Traffic:
    """All claims on one ground."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.claims: dict[str, Claim] = {}
        self.reserved: dict[int, str] = {}
        """Resting places, and for whom they are."""
        self._held: int | None = None

    # What is held

    @property
    def held(self) -> int:
        """Everything that anybody holds."""
        if self._held is None:
            self._held = 0
            for claim in self.claims.values():
                self._held |= claim.held
        return self._held

    @property
    def solid(self) -> int:
        """What obstacles hold."""
        return self._sum(claim.held for claim in self.claims.values() if claim.obstacle)

    def others(self, robot: str) -> int:
        """What all but one hold."""
        return self._sum(claim.held for name, claim in self.claims.items() if name != robot)

    @staticmethod
    def _sum(masks: Iterable[int]) -> int:
        total = 0
        for mask in masks:
            total |= mask
        return total

    def holder(self, part: int, *, but: str = "") -> str | None:
        """Somebody who holds what conflicts with a part."""
        mask = self.ground.conflicts[part]
        return next((r for r, claim in self.claims.items() if r != but and claim.held & mask), None)

    # Where robots are

    def place(self, robot: str, node: int, besides: int = 0) -> Claim:
        """The robot is at a node, whoever else holds it, and goes nowhere: an obstacle unless it rests there.

        `besides`: parts that it is on or near too.
        """
        old = self.claims.get(robot)
        self._unreserve(robot)
        claim = Claim([Step(NO_EDGE, node, 0)], tail=besides, order=old.order + 1 if old else 0)
        self.claims[robot] = claim
        self._count(claim)
        if self.ground.rests[node] and not besides:
            claim.obstacle = False
            self.reserved[node] = robot
        return claim

    def resume(self, robot: str, path: list[Step], order: int, besides: int = 0) -> Claim:
        """The robot has so much of its way left, by an order from before a start, and all of it is its own.

        Unless its way ends where it rests, it is an obstacle until it has a way to such a place.
        """
        claim = Claim(path, given=len(path) - 1, tail=besides, order=order, fresh=len(path) == 1)
        self._unreserve(robot)
        self.claims[robot] = claim
        self._count(claim)
        claim.obstacle = not self.ground.rests[claim.goal] or (claim.fresh and bool(besides))
        claim.fresh = claim.fresh and self.ground.rests[claim.goal]
        if not claim.obstacle:
            self.reserved[claim.goal] = robot
        return claim

    def remove(self, robot: str) -> None:
        """The robot is away, and holds nothing."""
        self._unreserve(robot)
        self.claims.pop(robot, None)
        self._held = None

    def stop(self, robot: str) -> None:
        """The robot is an obstacle: it holds what it holds, and its path ends where it may go."""
        claim = self.claims[robot]
        if not claim.obstacle and not claim.under_way:
            return  # it rests, in nobody's way
        del claim.path[claim.given + 1 :]
        claim.obstacle = True
        claim.needs = []
        self._unreserve(robot)
        self._count(claim)

    def passed(self, robot: str, index: int) -> None:
        """The robot has been seen at step `index` of its path: what is behind is free."""
        claim = self.claims[robot]
        claim.at = index
        claim.tail = 0
        if not claim.under_way and self.ground.rests[claim.goal]:
            claim.path, claim.at, claim.given, claim.fresh = [claim.path[-1]], 0, 0, True
            if self.reserved.get(claim.goal) in (None, robot):
                claim.obstacle = False
                self.reserved[claim.goal] = robot
        self._count(claim)

    def _unreserve(self, robot: str) -> None:
        for place in [node for node, name in self.reserved.items() if name == robot]:
            del self.reserved[place]

    def _count(self, claim: Claim) -> None:
        """Make `held`, `needs` and `want` of a claim anew."""
        held = claim.tail | 1 << claim.path[claim.at].node
        for step in claim.path[claim.at + 1 : claim.given + 1]:
            held |= 1 << step.edge | 1 << step.node
        claim.held = held
        if len(claim.needs) != len(claim.path) + 1:
            claim.needs = self._needs(claim.path)
        claim.want = claim.needs[claim.given + 1] & ~held
        self._held = None

    def _needs(self, path: list[Step]) -> list[int]:
        """By index, what conflicts with the path from there on."""
        needs = [0]
        for step in reversed(path):
            edge = self.ground.conflicts[step.edge] if step.edge >= 0 else 0
            needs.append(needs[-1] | edge | self.ground.conflicts[step.node])
        return needs[::-1]

    # The order in which all can arrive

    def unsafe(self) -> list[str]:
        """Robots under way that cannot arrive, whoever goes first; none: the state is safe."""
        busy = self.held
        still = self._sum(c.held for c in self.claims.values() if c.obstacle or not c.under_way)
        left = [(r, c) for r, c in self.claims.items() if c.under_way and not c.obstacle]
        while left:
            waiting: list[tuple[str, Claim]] = []
            for one in left:
                if one[1].want & busy:
                    waiting.append(one)
                else:
                    busy = busy & ~one[1].held | still
            if len(waiting) == len(left):
                return [robot for robot, _ in left]
            left = waiting
        return []

    def admit(self, robot: str, path: Path) -> bool:
        """Let the robot have a path from the end of what it was given, if that is safe; else nothing."""
        claim = self.claims[robot]
        goal = path[-1].end if path else claim.end
        if self.reserved.get(goal, robot) != robot or not self.ground.rests[goal]:
            return False
        before = claim.path, claim.at, claim.given, claim.obstacle, claim.needs
        fresh = claim.fresh and claim.given == claim.at
        base = [Step(NO_EDGE, claim.end, 0)] if fresh else claim.path[claim.at : claim.given + 1]
        last = base[-1].sequence
        ahead = [Step(arc.edge, arc.end, last + 2 * (i + 1)) for i, arc in enumerate(path)]
        claim.path, claim.at, claim.given, claim.obstacle = base + ahead, 0, len(base) - 1, False
        claim.needs = []
        self._count(claim)
        if self._hit(claim, robot) or self.unsafe():
            claim.path, claim.at, claim.given, claim.obstacle, claim.needs = before
            self._count(claim)
            return False
        if fresh:
            claim.order, claim.update = claim.order + 1, -1
        claim.fresh = False
        self._unreserve(robot)
        self.reserved[goal] = robot
        return True

    def _hit(self, claim: Claim, robot: str) -> bool:
        """Whether its path needs what an obstacle holds."""
        return any(claim.want & c.held for r, c in self.claims.items() if c.obstacle and r != robot)

    def extend(self, robot: str) -> bool:
        """Let the robot go on to the next node where it may wait, if nobody is there and that is safe."""
        claim = self.claims[robot]
        if claim.given == len(claim.path) - 1 or claim.obstacle:
            return False
        to = claim.given + 1
        while to < len(claim.path) - 1 and not self.ground.waits[claim.path[to].node]:
            to += 1
        piece = mask_of(
            part for step in claim.path[claim.given + 1 : to + 1] for part in (step.edge, step.node)
        )
        if self.ground.spread(piece) & self.others(robot):
            return False
        before, claim.given = claim.given, to
        self._count(claim)
        if self.unsafe():
            claim.given = before
            self._count(claim)
            return False
        return True

    def run_into(self, robot: str) -> list[str]:
        """Who may drive on into what a robot holds: it has appeared in, or was moved to, what is theirs."""
        held = self.claims[robot].held
        moving = ((r, c) for r, c in self.claims.items() if r != robot and c.given > c.at)
        return [r for r, c in moving if self.ground.spread(c.held) & held]

    def hindered(self) -> Iterator[str]:
        """Robots under way that cannot arrive: an obstacle is in their way, or no order exists."""
        solid = self.solid
        under_way = [(r, c) for r, c in self.claims.items() if c.under_way and not c.obstacle]
        hit = [r for r, c in under_way if c.want & solid or self.reserved.get(c.goal) != r]
        yield from hit or self.unsafe()
