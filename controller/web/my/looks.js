// Who looked at the patient's record, day by day, in plain words; a broken glass is said.
import { el } from "/screen/dom.js";
import { shortDay, time } from "./plain.js";
import { t } from "./words.js";

export function looks({ looks: found, is_whole: isWhole }) {
  if (found.length === 0) return [el("p", {}, t("my.looks-none"))];
  const days = [...new Set(found.map((one) => one.day))];
  const parts = days.flatMap((name) => [el("h3", {}, shortDay(name)), el("ul", { class: "looks" }, ...people(found.filter((one) => one.day === name)))]);
  return [...parts, ...(isWhole ? [] : [el("p", { class: "late" }, t("my.looks-more"))])];
}

/** Each person once, with all that they looked at. */
function people(found) {
  const names = [...new Set(found.map((one) => one.name))];
  return names.map((name) => {
    const theirs = found.filter((one) => one.name === name);
    const glass = theirs.some((one) => one.broke_glass) ? [el("p", { class: "stop" }, t("my.look-glass"))] : [];
    return el("li", { "data-who": name }, el("b", {}, who(theirs[0])), ...glass, ...theirs.map((one) => el("p", {}, what(one))));
  });
}

/** "ben (physician)", "a guest of a visit". */
export function who({ who: kind, name, roles }) {
  if (kind !== "person") return t(`my.who-${kind}`, { name });
  return roles.length === 0 ? name : `${name} (${roles.map((role) => t(`my.role-${role}`)).join(", ")})`;
}

function what(one) {
  const [first, last] = [time(one.first_ms), time(one.last_ms)];
  return t(first === last ? "my.look-at" : "my.look-from-to", { what: t(`my.what-${one.what}`), first, last });
}
