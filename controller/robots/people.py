"""What people ask of robots and transports, by way of the master; each says who, for the kept reasons.

Raises NotFound: there is no such robot, transport, edge; Conflict: it cannot be done as things are.
"""

from controller.errors import Conflict, NotFound
from controller.robots.asking import Asked
from controller.robots.errand import NEAR_M, Pose
from controller.robots.master import Master
from controller.robots.pilot import Pilot
from controller.robots.places import Kind
from controller.robots.reasons import because
from controller.robots.told import ALL, LIFE_MS, PERSON, Opening, Stage
from controller.robots.vehicles import Condition
from devices.codecs.vda5050.words import ActionScope

LOOK_AT = "lookAt"
"""The instant action of robots whose camera turns; `pan`, `tilt`: by so many degrees to the right, and up."""
OPEN_DRAWER = "openDrawer"
"""The instant action of robots with drawers; `drawer` is its number, from 1 on."""


def pilot_of(master: Master, robot: str) -> Pilot:
    """Raises NotFound."""
    if robot not in master.pilots or robot not in master.fleet.vehicles:
        raise NotFound(f"there is no robot {robot!r:.40}: see /api/robots for those there are")
    return master.pilots[robot]


def take_over(master: Master, robot: str, by: str, now_ms: int) -> None:
    """It stands, and drives by no word of ours until it is handed back."""
    pilot = pilot_of(master, robot)
    pilot.pausing.reasons.add(PERSON)
    master.watching.persons.add(robot)
    master.kept.note("taken-over", because("by", who=by), now_ms, robot)
    if master.fleet.vehicles[robot].condition != Condition.TAKEN_OVER:
        master.carry_out(master.fleet.taken_over(robot, now_ms), now_ms)
    pilot.cancel(because("taken-over-by", who=by), now_ms)
    master.send_all(now_ms)


def hand_back(master: Master, robot: str, by: str, now_ms: int) -> None:
    """It drives by our word again, as soon as it has said that it stands; what was in doubt is settled."""
    pilot = pilot_of(master, robot)
    pilot.pausing.reasons.discard(PERSON)
    master.watching.persons.discard(robot)
    master.watching.settled(pilot, now_ms)
    master.attention.better(robot)
    master.kept.note("handed-back", because("by", who=by), now_ms, robot)
    if pilot.facts is None or pilot.facts.is_automatic:
        master.carry_out(master.fleet.handed_back(robot, now_ms), now_ms)
    master.send_all(now_ms)


def stop_all(master: Master, by: str, now_ms: int) -> None:
    """Every robot stands at once."""
    master.stopped = because("by", who=by)
    for pilot in master.pilots.values():
        pilot.pausing.reasons.add(ALL)
    master.kept.note("stop-all", master.stopped, now_ms)
    master.send_all(now_ms)


def go_all(master: Master, by: str, now_ms: int) -> None:
    """They go on."""
    master.stopped = ""
    for pilot in master.pilots.values():
        pilot.pausing.reasons.discard(ALL)
    master.kept.note("go-all", because("by", who=by), now_ms)
    master.send_all(now_ms)


def say_position(master: Master, robot: str, pose: Pose, theta: float, now_ms: int) -> None:
    """A person says where the robot is (initPosition); a jump is settled by it. m and rad."""
    pilot = pilot_of(master, robot)
    if pose.floor not in master.fleet.ground.floors:
        raise NotFound(f"there is no floor {pose.floor!r:.40} on the robots' map: see /api/robots/map")
    near = master.fleet.ground.near(pose.floor, (pose.x, pose.y), NEAR_M)
    node = master.fleet.ground.ids[near[0][1]] if near and near[0][1] < master.fleet.ground.nodes else ""
    where: dict[str, object] = {"x": pose.x, "y": pose.y, "theta": theta, "mapId": pose.floor}
    why = because("person-says-where")
    asked = Asked(f"{master.next_id()}-initPosition", why, kind="initPosition")
    _check_known(pilot)
    master.watching.settled(pilot, now_ms)
    master.watching.placed(robot, now_ms + LIFE_MS)
    master.say(pilot, pilot.instant(asked, {**where, "lastNodeId": node}, now_ms), now_ms)


def look(master: Master, robot: str, turn: tuple[float, float], by: str, now_ms: int) -> None:
    """Turn its camera by `turn` (pan, tilt; degrees). It drives on as it did."""
    pilot = pilot_of(master, robot)
    _check_known(pilot)
    if not pilot.can(LOOK_AT, ActionScope.INSTANT):
        raise Conflict(f"{robot} has no camera that turns: ask somebody who is there")
    asked = Asked(f"{master.next_id()}-{LOOK_AT}", because("by", who=by), kind=LOOK_AT)
    pan, tilt = turn
    master.say(pilot, pilot.instant(asked, {"pan": pan, "tilt": tilt}, now_ms), now_ms)


def open_drawer(master: Master, one: Opening, now_ms: int) -> None:
    """Open a drawer for somebody who is there and has proved who they are."""
    pilot = check_drawers(master, one.robot)
    why = because("drawer", who=one.person, how=one.how, transport=one.transport)
    asked = Asked(one.action, why, kind=OPEN_DRAWER)
    number = master.say(pilot, pilot.instant(asked, {"drawer": one.drawer}, now_ms), now_ms)
    master.drawers.ask(one, number)


def check_drawers(master: Master, robot: str) -> Pilot:
    """The pilot of a robot that opens drawers when it is asked. Raises NotFound, Conflict."""
    pilot = pilot_of(master, robot)
    _check_known(pilot)
    if not pilot.can(OPEN_DRAWER, ActionScope.INSTANT):
        raise Conflict(f"{robot} has no drawer that opens by itself: open it by hand")
    return pilot


def _check_known(pilot: Pilot) -> None:
    if pilot.version is None:
        raise Conflict(f"{pilot.robot} has not said yet which version of VDA 5050 it speaks: wait for it")


# Transports


def carrier(master: Master, transport: str) -> str | None:
    """The robot of a transport that is not over. Raises NotFound."""
    job = master.fleet.jobs.open.get(transport)
    if job is None:
        raise NotFound(
            f"there is no transport {transport!r:.40} that is not over: see /api/robots/transports"
        )
    return job.robot


def cancel(master: Master, transport: str, by: str, now_ms: int) -> None:
    """It is not wanted any more: what was picked up goes back."""
    robot = carrier(master, transport)
    why = because("cancelled-by", who=by)
    if master.kept.stages.get(transport) == Stage.PICKED:
        master.kept.move(transport, Stage.RETURNING, robot, why, now_ms)
    master.kept.note("cancelled-by", why, now_ms, robot, transport)
    master.carry_out(master.fleet.cancelled(transport, now_ms), now_ms)
    master.send_all(now_ms)


def loading(master: Master, transport: str) -> str:
    """The robot that waits for it where it is to be loaded. Raises NotFound, Conflict."""
    robot = carrier(master, transport)
    if robot is None or master.fleet.jobs.open[transport].picked:
        raise Conflict(f"{transport}: no robot waits for it: see where it is")
    _check_there(master, robot, master.fleet.jobs.open[transport].pick)
    return robot


def loaded(master: Master, transport: str, by: str, now_ms: int) -> None:
    """A person says that the robot has it."""
    robot = loading(master, transport)
    master.drawers.said_by_person(transport)
    master.watching.picked(robot, transport, because("loaded-by", who=by), now_ms)
    master.send_all(now_ms)


def taken(master: Master, transport: str, by: str, now_ms: int) -> None:
    """A person says that they have taken it out."""
    robot = unloading(master, transport)
    master.drawers.said_by_person(transport)
    master.watching.dropped(robot, because("taken-by", who=by), now_ms)
    master.send_all(now_ms)


def not_taken(master: Master, transport: str, by: str, why: str, now_ms: int) -> None:
    """A person does not take it: it goes back to where it came from."""
    robot = unloading(master, transport)
    because_of = because("not-taken-by", who=by, said=why)
    master.kept.move(transport, Stage.RETURNING, robot, because_of, now_ms)
    master.carry_out(master.fleet.cancelled(transport, now_ms), now_ms)
    master.send_all(now_ms)


def unloading(master: Master, transport: str) -> str:
    """The robot that waits for it to be taken out. Raises NotFound, Conflict."""
    robot = carrier(master, transport)
    job = master.fleet.jobs.open[transport]
    if robot is None or not job.picked:
        raise Conflict(f"{transport}: it is in no robot: see where it is")
    _check_there(master, robot, job.drop)
    return robot


def _check_there(master: Master, robot: str, node: int) -> None:
    claim = master.fleet.driving.traffic.claims.get(robot)
    if claim is None or claim.path[claim.at].node != node:
        place = master.fleet.ground.ids[node]
        raise Conflict(f"{robot} is not at {place} yet: wait till it is there")


def at_stop(master: Master, transport: str) -> str:
    """Its robot, if that stands where it is to be loaded or unloaded. Raises NotFound, Conflict."""
    robot = carrier(master, transport)
    if robot is None:
        raise Conflict(f"{transport}: no robot has been given to it yet: wait")
    job = master.fleet.jobs.open[transport]
    _check_there(master, robot, job.drop if job.picked else job.pick)
    return robot


def stage(master: Master, transport: str) -> Stage:
    """How far a transport is that is not over."""
    return master.kept.stages.get(transport, Stage.WANTED)


# Ways


def block(master: Master, edge: str, by: str, why: str, now_ms: int) -> None:
    """Nobody drives there."""
    told = because("by-because", who=by, said=why) if why else because("by", who=by)
    master.watching.blocked(edge, told, now_ms)
    master.send_all(now_ms)


def reopen(master: Master, edge: str, by: str, now_ms: int) -> None:
    """One can drive there again."""
    check_edge(master, edge)
    master.carry_out(master.fleet.opened(edge, now_ms), now_ms)
    master.kept.note("opened", because("by", who=by), now_ms, edge=edge)
    master.send_all(now_ms)


def check_edge(master: Master, edge: str) -> None:
    """Raises NotFound."""
    if edge not in master.fleet.ground.edge:
        raise NotFound(f"there is no edge {edge!r:.40} on the robots' map: see /api/robots/map")


def check_stations(master: Master, *stations: str) -> None:
    """Raises NotFound: one is not on the map; Conflict: it is one station twice."""
    ground = master.fleet.ground
    for name in stations:
        if name not in ground.node or ground.kinds[ground.node[name]] != Kind.STATION:
            raise NotFound(f"there is no station {name!r:.40} on the robots' map: see /api/robots/map")
    if len(set(stations)) < len(stations):
        raise Conflict(f"expected two stations, got {stations[0]} twice")
