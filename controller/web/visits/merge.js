// Notes that two people wrote at once, put together: nothing of either is lost.

/** The notes with both changes of `base`: `mine`, and `theirs`, which the controller has. */
export function merge(base, mine, theirs) {
  const made = {};
  for (const [name, before] of Object.entries(base)) {
    made[name] = typeof before === "string" ? text(before, mine[name], theirs[name]) : list(before, mine[name], theirs[name], KEYS[name]);
  }
  return made;
}

const KEYS = { vitals: ({ metric, device, at_ms: at }) => `${metric} ${device} ${at}`, home: ({ what }) => what };

/** Both changes; where both changed the same words, theirs stand above mine. */
export function text(base, mine, theirs) {
  if (mine === base || mine === theirs) return theirs;
  if (theirs === base) return mine;
  const [a, b] = [change(base, mine), change(base, theirs)];
  if (a.to <= b.from) return base.slice(0, a.from) + a.words + base.slice(a.to, b.from) + b.words + base.slice(b.to);
  if (b.to <= a.from) return base.slice(0, b.from) + b.words + base.slice(b.to, a.from) + a.words + base.slice(a.to);
  const [from, to] = [Math.min(a.from, b.from), Math.max(a.to, b.to)];
  const whole = (one) => base.slice(from, one.from) + one.words + base.slice(one.to, to);
  return `${base.slice(0, from)}${whole(b)}\n${whole(a)}${base.slice(to)}`;
}

/** What stands instead of base.slice(from, to). */
function change(base, other) {
  const most = Math.min(base.length, other.length);
  let from = 0;
  while (from < most && base[from] === other[from]) from += 1;
  let same = 0;
  while (same < most - from && base.at(-1 - same) === other.at(-1 - same)) same += 1;
  return { from, to: base.length - same, words: other.slice(from, other.length - same) };
}

/** What either added is there, what either took out is not; of one that both have, mine. */
function list(base, mine, theirs, keyOf) {
  const [before, own, others] = [base, mine, theirs].map((some) => new Map(some.map((one) => [keyOf(one), one])));
  const stays = ([key]) => !before.has(key) || (own.has(key) && others.has(key));
  const mineChanged = (key) => own.has(key) && JSON.stringify(own.get(key)) !== JSON.stringify(before.get(key));
  return [...new Map([...others, ...own])].filter(stays).map(([key]) => (mineChanged(key) || !others.has(key) ? own.get(key) : others.get(key)));
}
