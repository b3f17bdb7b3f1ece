// Somebody's line in the directory of experts, for who looks after accounts: the form that experts have themselves.
import { el, show } from "/screen/dom.js";
import { Me } from "/conferences/me.js";
import { t } from "/public/i18n.js";

/** Whether somebody may be an expert. */
export const mayBeExpert = ({ roles }) => roles.some((role) => ["physician", "radiology"].includes(role));

/** Shows it in `place`. */
export function showExpert(name, place) {
  const line = el("details", { class: "expert-line" }, el("summary", {}, t("people.expert-one", { user: name })), el("div"));
  new Me(line, `/api/experts/of/${encodeURIComponent(name)}`);
  place.replaceChildren(line);
  show(place, true);
  line.open = true;
  line.querySelector("summary").focus();
}
