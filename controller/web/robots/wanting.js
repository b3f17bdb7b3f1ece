// Asking for a transport: nothing is chosen for the person.
import { change } from "/prescriptions/asking.js";
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";

const LOADS = ["medicines", "samples", "blood", "meals", "linen"];
const PRIORITIES = [4, 3, 2, 1, 0];
const MINUTE_MS = 60_000;
const byId = (id) => document.getElementById(id);

export class Wanting {
  /** `now()`: the controller's time. */
  constructor(now, onChanged) {
    Object.assign(this, { now, onChanged, stations: [] });
    byId("want").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask();
    });
  }

  person(me) {
    show(byId("wanting"), me.permissions.includes("robots:ask"));
  }

  /** The stations of the map. */
  ground({ nodes }) {
    const stations = nodes.filter((one) => one.kind === "station").map((one) => one.id);
    if (stations.join(" ") === this.stations.join(" ")) return;
    this.stations = stations;
    this.redraw();
  }

  redraw() {
    const places = this.stations.map((id) => [id, id]);
    fill(byId("want-pick"), places);
    fill(byId("want-drop"), places);
    fill(byId("want-load"), LOADS.map((load) => [load, t(`robots.load.${load}`)]));
    fill(byId("want-priority"), PRIORITIES.map((one) => [one, t(`robots.priority.${one}`)]));
  }

  async #ask() {
    const [pick, drop, load, priority, subject, within] = ["pick", "drop", "load", "priority", "subject", "within"].map((name) => byId(`want-${name}`).value.trim());
    const deadline_ms = within === "" ? null : Math.round(this.now()) + Number(within) * MINUTE_MS;
    const button = byId("want").querySelector("button");
    button.disabled = true;
    const answer = await change(byId("want-problem"), "POST", "/api/robots/transports", { pick, drop, load, priority: Number(priority), subject, deadline_ms });
    button.disabled = false;
    if (!answer.ok) return;
    byId("want").reset();
    setText(byId("want-said"), t("robots.wanted-said", { id: answer.data.transport.id, pick, drop }));
    this.onChanged();
  }
}

/** The choices of a select, none of them chosen but what was. */
export function fill(select, choices) {
  const chosen = select.value;
  select.replaceChildren(el("option", { value: "" }, t("robots.choose")), ...choices.map(([value, words]) => el("option", { value }, words)));
  select.value = choices.some(([value]) => String(value) === chosen) ? chosen : "";
}
