// On a vehicle's card: the newest studies of the patient on board, whose first pictures are there before they are asked for.
import { el, keep, part, setText, show } from "/screen/dom.js";
import { makeStudy, updateStudy } from "./study.js";
import { Studies } from "./studies.js";
import { t } from "/public/i18n.js";
import { Viewer } from "./viewer.js";

const SHOWN = 3;
let viewer = null;

export function makeArriving() {
  const node = el("div", { class: "arriving", hidden: true }, el("h3"), el("ul", { class: "studies" }));
  node.studies = new Studies(() => {}, () => node.isConnected);
  return node;
}

/** `patient` of the vehicle's bed; `may`: the permissions of who looks. */
export function updateArriving(node, patient, { may, now }) {
  const seen = may.includes("imaging:read") ? patient : null;
  node.studies.of(node.isConnected ? (seen?.identifier ?? null) : null);
  const newest = seen ? node.studies.all.slice(0, SHOWN) : [];
  show(node, newest.length > 0);
  setText(part(node, "h3"), t("images.title"));
  keep(part(node, "ul"), newest, (one) => one.study, makeStudy, (item, one) => {
    updateStudy(item, seen, one, now);
    part(item, "button").onclick = () => open(seen, one, may);
  });
}

function open(patient, study, may) {
  viewer ??= new Viewer();
  viewer.open(patient, study, may.includes("imaging:write"));
}
