// A person's badge and PIN, for an administrator: whether there is one, enrolled here, taken back; never seen.
import { change } from "/prescriptions/asking.js";
import { el } from "/screen/dom.js";
import { heldRows } from "/account/held.js";
import { t } from "/public/i18n.js";

/** Shows them in `dialog`, whose last child is `closing`; `onChanged()` after each change. */
export function showBadges(one, dialog, closing, onChanged) {
  const path = `/api/people/${encodeURIComponent(one.name)}`;
  const problem = el("p", { class: "problem", role: "alert" });
  const send = async (method, part, body) => {
    if (!(await change(problem, method, `${path}/${part}`, body)).ok) return;
    dialog.close();
    await onChanged();
  };
  const list = el("ul", { class: "keys" }, ...heldRows(one.held, (kind) => send("DELETE", kind), one.name));
  dialog.replaceChildren(el("h2", { id: "edit-title" }, t("held.of", { user: one.name })), list, enrolling(one, send), problem, closing);
  dialog.showModal();
}

/** A reader types what is on the badge, and Enter. */
function enrolling(one, send) {
  const input = el("input", { id: "their-badge", type: "password", autocomplete: "off", spellcheck: "false", required: true, minlength: 4, maxlength: 256 });
  const words = one.held.badge_ms === null ? "held.enrol" : "held.enrol-other";
  const form = el("form", {}, el("label", { for: "their-badge" }, t("held.read-badge-of", { user: one.name })), input, el("button", { class: "primary" }, t(words)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send("PUT", "badge", { badge: input.value.trim() });
  });
  return form;
}
