// What was, as /api/robots/replay tells it: where each robot was at any moment, on which way, and what was decided.
import { STALE_MS, split } from "./marks.js";

const LOADED = new Map([["picked", true], ["dropped", false], ["delivered", false], ["returned", false]]);

export class Film {
  constructor({ positions, messages, decisions }) {
    this.seen = grouped(positions.map(([at_ms, robot, x, y, theta, map, node, battery]) => ({ at_ms, robot, x, y, theta, map, node, battery })));
    this.orders = orders(messages);
    this.loads = grouped(decisions.filter((one) => one.robot && LOADED.has(one.kind)));
    const sent = messages.map((one) => ({ ...one, kind: `sent-${one.topic}`, transport: null }));
    this.notes = [...decisions, ...sent].toSorted((a, b) => a.at_ms - b.at_ms);
  }

  get isEmpty() {
    return this.seen.size === 0 && this.notes.length === 0;
  }

  /** The robots as they were then, for `Plan.draw`, with `node` and `battery`. */
  at(ms) {
    const marks = [];
    for (const [robot, seen] of this.seen) {
      const last = latest(seen, ms);
      if (last === undefined) continue;
      const load = latest(this.loads.get(robot) ?? [], ms);
      const age_ms = ms - last.at_ms;
      marks.push({ ...last, age_ms, stale: age_ms > STALE_MS, loaded: load ? LOADED.get(load.kind) : null, ...this.#ahead(robot, last, ms) });
    }
    return marks;
  }

  /** What had been decided and sent by then, the newest first. */
  told(ms, most) {
    return this.notes.slice(0, before(this.notes, ms)).slice(-most).reverse();
  }

  #ahead(robot, position, ms) {
    const nodes = latest(this.orders.get(robot) ?? [], ms)?.nodes ?? [];
    const at = nodes.findIndex((one) => one.nodeId === position.node);
    const rest = nodes.slice(Math.max(at, 0)).filter((one) => one.nodePosition);
    if (rest.length === 0) return { base: [], horizon: [] };
    const way = rest.map(({ nodePosition: { x, y, mapId } }) => ({ x, y, map: mapId }));
    return split(position, way, rest.filter((one) => one.released).length);
  }
}

/** By robot, each in the order of time. */
function grouped(items) {
  const found = new Map();
  for (const one of items) {
    if (!found.has(one.robot)) found.set(one.robot, []);
    found.get(one.robot).push(one);
  }
  return found;
}

/** By robot what its order was from each message on: an update begins where the base before it ends (VDA 5050, 6.6.4). */
function orders(messages) {
  const found = new Map();
  for (const { at_ms, robot, topic, json } of messages) {
    const said = JSON.parse(json);
    const mine = found.get(robot) ?? [];
    if (topic === "order") mine.push({ at_ms, orderId: said.orderId, nodes: joined(mine.at(-1), said) });
    else if (said.actions?.some((one) => one.actionType === "cancelOrder")) mine.push({ at_ms, orderId: null, nodes: [] });
    found.set(robot, mine);
  }
  return found;
}

function joined(earlier, { orderId, nodes }) {
  if (earlier?.orderId !== orderId || nodes.length === 0) return nodes;
  return [...earlier.nodes.filter((one) => one.sequenceId < nodes[0].sequenceId), ...nodes];
}

/** How many of `items`, in the order of time, are not after `ms`. */
function before(items, ms) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].at_ms <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

const latest = (items, ms) => items[before(items, ms) - 1];
