// Where robots are now, for the map: a position that is older than a few seconds says where one was.

export const STALE_MS = 5_000;

/** How old what a robot says is, at the controller's time `now`; null: it has said nothing. */
export const ageOf = (robot, now) => (robot.at_ms === null ? null : Math.max(0, now - robot.at_ms));

export const isStale = (robot, now) => robot.at_ms === null || ageOf(robot, now) > STALE_MS;

/** For `Plan.draw`; `nodes`: the map's by id. */
export function liveMarks(robots, nodes, now) {
  return robots.filter((one) => one.position !== null).map((one) => ({
    ...{ robot: one.robot, loaded: one.loaded, age_ms: ageOf(one, now), stale: isStale(one, now) },
    ...one.position,
    ...ahead(one, nodes),
  }));
}

/** From where it is: what it may drive on, and what it will when that is free. */
function ahead({ going, position }, nodes) {
  if (going === null) return { base: [], horizon: [] };
  const way = going.nodes.map((id) => nodes.get(id)).filter(Boolean);
  return split(position, way, going.released);
}

/** `way` begins with the place that was passed last, of which the robot is somewhere behind. */
export function split(position, way, released) {
  const base = [position, ...way.slice(1, released)];
  return { base, horizon: [base.at(-1), ...way.slice(Math.max(released, 1))] };
}
