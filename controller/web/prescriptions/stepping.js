// The form by which something goes on to another state, for a reason where one is needed.
import { el, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";

/** `title`: what is shown before one chooses; `what`: its name for who cannot see; `possible`: pairs of state and words; `free`: those without a reason; `act(state, why)`. */
export function stepping({ title = t("rx.next"), what, possible, free, act }) {
  if (possible.length === 0) return [];
  const options = possible.map(([to, words]) => el("option", { value: to }, words));
  const select = el("select", { "aria-label": t("rx.next-of", { what }), required: true }, el("option", { value: "" }, title), ...options);
  const why = el("input", { maxlength: 200, "aria-label": t("rx.why-of", { what }), placeholder: t("rx.why"), autocomplete: "off" });
  const button = el("button", { type: "submit", "aria-label": t("rx.change-of", { what }) }, t("rx.change"));
  const form = el("form", { class: "row stepping" }, select, why, button);
  const adapt = () => {
    why.required = select.value !== "" && !free.includes(select.value);
    for (const part of [why, button]) show(part, select.value !== "");
  };
  select.addEventListener("change", adapt);
  adapt();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(select.value, why.value.trim());
  });
  return [form];
}
