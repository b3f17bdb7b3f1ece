// One study as a button: a small picture, what it is, and how old.
import { age } from "/screen/format.js";
import { el, part, setText } from "/screen/dom.js";
import { kinds, studyTime } from "./info.js";
import { t } from "/public/i18n.js";
import { thumbnailPath } from "./paths.js";

export function makeStudy() {
  const picture = el("img", { alt: "", loading: "lazy", width: 96, height: 96 });
  const words = el("span", { class: "words" }, el("b"), el("span", { class: "when" }), el("span", { class: "many" }));
  return el("li", {}, el("button", { type: "button" }, picture, words));
}

export function updateStudy(node, patient, study, now) {
  const [first] = study.series;
  const path = first && thumbnailPath({ patient: patient.identifier, study: study.study, ...first });
  const picture = part(node, "img");
  if (path && picture.getAttribute("src") !== path) picture.src = path;
  part(node, "button").disabled = !first;
  setText(part(node, "b"), [kinds(study), study.description].filter(Boolean).join(" · "));
  setText(part(node, ".when"), when(study, now));
  const images = study.series.reduce((sum, one) => sum + one.images, 0);
  setText(part(node, ".many"), t(images === 1 ? "images.one" : "images.many", { n: images }));
}

/** By the study's own date, which is of the hospital's calendar: this screen's. */
function when(study, now) {
  const told = studyTime(study);
  if (!told) return t("images.undated");
  const ms = Date.parse(told.replace(" ", "T") + (told.length === 10 ? "T00:00" : ""));
  return Number.isNaN(ms) ? told : `${told} · ${t("age.ago", { age: age(Math.max(now - ms, 0)) })}`;
}
