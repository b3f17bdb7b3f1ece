// Which gateways the strip names: all of a few; of many those that need somebody, worst first, and counts of the
// rest, so that beds stay in sight. Pure.
const MOST = 8;
const WORST = ["offline", "behind", "online"];

const isWell = (gateway) => gateway.state === "online" && gateway.clock?.sync !== "unset";

/** Gateways as they are, and { id, state, word, n } in the place of n of them. */
export function chips(gateways) {
  if (gateways.length <= MOST) return gateways;
  const ill = gateways.filter((one) => !isWell(one)).toSorted((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state));
  const rest = ill.slice(MOST);
  const counts = [
    { id: "/more", state: rest[0]?.state, word: "gateway.more", n: rest.length },
    { id: "/well", state: "online", word: "gateway.well", n: gateways.length - ill.length },
  ];
  return [...ill.slice(0, MOST), ...counts.filter(({ n }) => n > 0)];
}
