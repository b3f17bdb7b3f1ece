// Putting a study right: it is given to the patient whose it is, or deleted, each for a reason.
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";

/** Forms for one study; `change(method, path, body)` makes the change. */
export function putRight(one, change) {
  return [move(one, change), remove(one, change)];
}

function move({ study, patient, birth_date, sex }, change) {
  const fields = {
    identifier: field(`id-${study}`, t("worklist.right-identifier"), 64),
    name: field(`name-${study}`, t("worklist.right-name"), 64, patient.name),
    birth_date: field(`born-${study}`, t("worklist.right-birth-date"), 8, birth_date, "[0-9]{8}"),
    why: field(`moved-${study}`, t("worklist.why"), 200),
  };
  return form(Object.values(fields), el("button", { type: "submit" }, t("worklist.move")), () => {
    const given = Object.entries(fields).map(([name, one]) => [name, one.input.value.trim()]);
    return change("PUT", `/api/imaging/studies/${study}/patient`, { ...Object.fromEntries(given), sex });
  });
}

function remove({ study }, change) {
  const why = field(`why-${study}`, t("worklist.why-delete"), 200);
  return form([why], el("button", { type: "submit", class: "danger" }, t("worklist.delete")), () =>
    change("POST", `/api/imaging/studies/${study}/deletion`, { why: why.input.value.trim() }),
  );
}

/** A field that must be filled in, unless a `pattern` says what it may hold. */
function field(id, label, longest, value = "", pattern = null) {
  const input = el("input", { id, maxlength: longest, autocomplete: "off", spellcheck: "false", required: pattern === null, pattern, value });
  return { node: el("div", {}, el("label", { for: id }, label), input), input };
}

function form(fields, button, act) {
  const node = el("form", {}, ...fields.map((one) => one.node), button);
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
  return node;
}
