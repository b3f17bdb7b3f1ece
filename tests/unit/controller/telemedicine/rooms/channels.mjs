// What the tests of short messages need beside the pages' own functions: pages that hear each other, by two ways.
const WEB = "../../../../../controller/web/public/room";
const { Channels } = await import(`${WEB}/channels.js`);

/** What page 2 heard of page 1 when each message of `said` came to it by the ways named: "mesh", "sfu". */
export function heard(said) {
  const got = [];
  const two = new Channels(() => []);
  for (const label of ["marks", "vitals"]) two.on(label, (seat, text) => got.push([seat, label, text]));
  let ways = [];
  const one = new Channels(() => ways.map(() => ({ send: (_, text) => !two.took(1, text) })));
  for (const [label, text, by] of said) {
    ways = by;
    one.send(label, text);
  }
  return got;
}

/** What is heard of what came as it is. */
export function took(all) {
  const got = [];
  const page = new Channels(() => []);
  page.on("marks", (seat, text) => got.push([seat, text]));
  for (const [seat, data] of all) page.took(seat, data);
  return got;
}
