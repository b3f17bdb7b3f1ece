// What the tests of a room's pages need of them beside their functions.
const WEB = "../../../../../controller/web/public/room";
const { RUNGS } = await import(`${WEB}/governor.js`);

export const rungs = () => RUNGS;

/** Makes one of a module's classes, and calls it step by step: [name, ...arguments], or [name] of what it has. */
export async function play(module, name, steps) {
  const one = new (await import(`${WEB}/${module}`))[name]();
  return steps.map(([what, ...given]) => plain(typeof one[what] === "function" ? one[what](...given.map(alive)) : one[what]));
}

/** As pages hold it: {"@map": {...}}, {"@set": [...]}, {"@always": value}. */
function alive(value) {
  if (value === null || typeof value !== "object") return value;
  if ("@map" in value) return new Map(Object.entries(value["@map"]));
  if ("@set" in value) return new Set(value["@set"]);
  if ("@always" in value) return () => value["@always"];
  if (Array.isArray(value)) return value.map(alive);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, alive(one)]));
}

const plain = (value) => (value instanceof Set ? [...value] : (value ?? null));

/** Plays the steps on what is shown of a ward, whose snapshot the controller told: the ward's values after each. */
export async function secondHand(snapshot, steps) {
  const { Ward } = await import("../../../../../controller/web/public/ward.js");
  const { SecondHand } = await import(`${WEB}/channel-vitals.js`);
  const ward = new Ward();
  let broken = 0;
  const second = new SecondHand(ward, () => (broken += 1));
  ward.snapshot(snapshot);
  second.whole();
  return steps.map(([name, ...given]) => {
    const told = second[name](...given);
    return { told: told ?? null, broken, values: [...ward.values.values()], seats: [...second.seats] };
  });
}
