// The panel of what devices at the patient's home measured, beside the vital signs: each with its age.
import { makeAlien, updateAlien } from "/screen/cell.js";
import { age, judgedName, pair, unit } from "/screen/format.js";
import { el, keep, setText, show } from "/screen/dom.js";
import en from "/public/words/room-home-en.js";
import { learn, t } from "/screen/i18n.js";
import { spotsOf } from "./spots.js";
import zh from "/public/words/room-home-zh.js";

learn({ en, zh });

/** `node`: the room's; `ward`: what is known of the patient's beds; nothing is shown of who is not at home. */
export function drawAtHome(node, ward, now) {
  const homes = ward.beds.filter((bed) => bed.home);
  const spots = spotsOf(homes.flatMap((bed) => ward.valuesOf(bed.id)));
  const part = node.querySelector(".at-home");
  show(part, homes.length > 0);
  setText(part.querySelector(".note"), t(spots.length === 0 ? "at-home.none" : "at-home.note"));
  keep(part.querySelector(".spots"), spots, (one) => one.metric, () => el("li", {}, el("span"), el("b"), el("span"), makeAlien()), (row, one) => fill(row, one, ward, now));
}

function fill(row, one, ward, now) {
  const [name, number, when, alien] = row.children;
  const metric = ward.metrics[one.metric];
  setText(name, judgedName(one));
  const isKnown = one.value !== null;
  setText(number, isKnown ? `${pair(one, metric)} ${unit(metric.unit)}${one.isDoubtful ? " ?" : ""}` : t("value.none"));
  setText(when, isKnown ? t("age.ago", { age: age(Math.max(now - one.at_ms, 0)) }) : "");
  updateAlien(alien, one.alien && { ...one.alien, age: Math.max(now - one.alien.at_ms, 0) }, ward.metrics);
}
