// Sending a delivery by robot: from which station to which; none is chosen for the person.
import { asked } from "/prescriptions/asking.js";
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { fill } from "/robots/wanting.js";

/** The stations of the robots' map; none where there are no robots. */
export async function stations() {
  const answer = await asked("GET", "/api/robots/map");
  return answer.ok ? answer.data.nodes.filter((one) => one.kind === "station").map((one) => one.id) : [];
}

/** The form that opens; `act({pick, drop})`. */
export function sendForm(one, places, act) {
  const chosen = ["pick", "drop"].map((name) => {
    const select = el("select", { id: `${one.number}-robot-${name}`, required: true });
    fill(select, places.map((id) => [id, id]));
    return [name, select];
  });
  const rows = chosen.map(([name, select]) => el("div", {}, el("label", { for: select.id }, t(`pharmacy.robot-${name}`)), select));
  const form = el("form", { class: "inline" }, ...rows, el("button", { class: "primary", "aria-label": `${t("pharmacy.robot-do")} ${one.number}` }, t("pharmacy.robot-do")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(Object.fromEntries(chosen.map(([name, select]) => [name, select.value])));
  });
  return el("details", {}, el("summary", {}, t("pharmacy.robot")), form);
}
