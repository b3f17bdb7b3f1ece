// How a dose of the round stands: pure, from what the controller said and its time (UTC, ms).

const NEAR_MS = 3_600_000;

/** "done", "left-out", "needed", "late", "now" (an hour before or after its time) or "next". */
export function standing(item, utcMs) {
  if (item.due_ms === null) return "needed";
  if (item.given !== null) return item.given.state === "not-done" ? "left-out" : "done";
  if (item.due_ms < utcMs - NEAR_MS) return "late";
  return item.due_ms <= utcMs + NEAR_MS ? "now" : "next";
}

/** Whether it is given far enough from its time for a reason to be asked for. */
export const isFar = (item, utcMs) => item.due_ms !== null && Math.abs(utcMs - item.due_ms) > NEAR_MS;

export const isOpen = (item, utcMs) => ["late", "now", "next", "needed"].includes(standing(item, utcMs));

/** What names a dose, through every new answer. */
export const keyOf = (item) => `${item.prescription.number}/${item.due_ms ?? ""}`;

/** Doses that a scanned code may mean: by the pharmacy's label, else by the product that the code is of. */
export function meant(items, code, product) {
  const label = code.trim().toUpperCase();
  const named = items.filter((one) => one.prescription.number === label);
  if (named.length > 0 || product === null) return named;
  const same = ({ code: one }) => one.system === product.medicine.code.system && one.code === product.medicine.code.code;
  return items.filter((one) => same(one.prescription.wanted.medicine));
}
