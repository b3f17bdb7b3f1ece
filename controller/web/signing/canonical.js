// JSON in the one form that RFC 8785 gives it: what controller/signing/canonical.py makes of the same value.
// A number and a text have that form in JSON.stringify already (ECMA-262); sort() is by code units of UTF-16.

/** The canonical text of `value`; a TypeError when it is none that every reader of JSON reads alike. */
export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return JSON.stringify(value);
  if (typeof value === "string" && value.isWellFormed()) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, canonical).join(",")}]`;
  if (isPlain(value)) {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${canonical(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  throw new TypeError(`expected texts, numbers up to 2^53, lists, objects; got ${String(value).slice(0, 40)}`);
}

function isPlain(value) {
  return typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
