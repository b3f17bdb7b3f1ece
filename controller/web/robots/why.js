// Why robots do what they do, in the words of whoever reads it (controller/robots/reasons.py).
import { has, named, t } from "/public/i18n.js";

const WORDS_OF = {
  condition: "robots.condition",
  action: "robots.action",
  load: "robots.load",
  mode: "robots.mode",
  connection: "why.said.connection",
  doubt: "why.said.doubt",
  how: "why.said.how",
};

/** `one` has `why` in English and `reason`, its code with parameters; null: somebody's own words, as they are. */
export const whyOf = (one) => (one.reason ? wordsOf(one.reason) : null) ?? one.why;

/** null where the code is newer than this page. */
function wordsOf({ code, params }) {
  if (!has(`why.${code}`)) return null;
  const parts = Object.entries(params).map(([name, value]) => [name, partOf(name, value)]);
  return t(`why.${code}`, Object.fromEntries(parts));
}

function partOf(name, value) {
  if (value !== null && typeof value === "object") return wordsOf(value) ?? value.code;
  return name in WORDS_OF ? named(WORDS_OF[name], value) : value;
}
