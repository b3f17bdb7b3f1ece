// Behind a record: how it is paired, how it is taken out of use, and everything that was.
import { el, setText, show } from "/screen/dom.js";
import { put, send } from "/board/api.js";
import { named, t } from "/public/i18n.js";
import { said } from "./said.js";
import { when } from "/ledger/told.js";

const PAIRINGS = ["bonded", "encrypted", "none"];
const heading = (key) => el("h3", { "data-t": key }, t(key));

export class Detail {
  /** `onChange()` after something was done. */
  constructor(onChange) {
    Object.assign(this, { onChange, detail: null });
    this.paired = el("p");
    this.kind = el("select", { id: "pairing", "data-t-label": "pairing.kind" });
    this.why = el("input", { id: "why", type: "text", maxlength: "200", autocomplete: "off" });
    const pair = el("button", { type: "button", "data-t": "pairing.go", onclick: () => this.#pair() }, t("pairing.go"));
    this.end = el("button", { type: "button", class: "danger", "data-t": "withdraw.go", onclick: () => this.#withdraw() }, t("withdraw.go"));
    this.receipt = el("a", { class: "button", download: true, "data-t": "withdraw.receipt" }, t("withdraw.receipt"));
    this.problem = el("p", { class: "problem", role: "alert" });
    this.history = el("ul", { class: "past" });
    this.places = el("ul", { class: "past" });
    const why = el("label", { for: "why", "data-t": "record.why" }, t("record.why"));
    const actions = el("div", { class: "row" }, why, this.why, this.kind, pair, this.end, this.receipt);
    this.node = el("details", { hidden: true }, el("summary", { "data-t": "record.more" }, t("record.more")), this.paired, actions, this.problem, heading("history.title"), this.history, heading("placements.title"), this.places);
  }

  /** The device as the controller tells it, or null for one that is not recorded. */
  show(detail) {
    this.detail = detail;
    this.problem.textContent = "";
    this.why.value = "";
    show(this.node, detail !== null);
    this.draw();
  }

  draw() {
    if (this.detail === null) return;
    const { pairing, withdrawn_ms: ended, history, placements, device } = this.detail;
    setText(this.paired, pairing ? t("pairing.now", { kind: t(`pairing.${pairing}`) }) : t("pairing.unknown"));
    const chosen = this.kind.value || pairing || "bonded";
    this.kind.replaceChildren(...PAIRINGS.map((kind) => new Option(t(`pairing.${kind}`), kind)));
    this.kind.value = chosen;
    show(this.end, ended === null);
    show(this.receipt, history.some((change) => change.what === "withdrawn"));
    this.receipt.href = `${path(device)}/receipt`;
    this.history.replaceChildren(...history.map((change) => el("li", {}, told(change))));
    this.places.replaceChildren(...placements.map((place) => el("li", {}, placed(place))));
  }

  #pair() {
    return this.#do(() => put(`${path(this.detail.device)}/pairing`, { pairing: this.kind.value, why: this.why.value }));
  }

  #withdraw() {
    return this.#do(() => send("POST", `${path(this.detail.device)}/decommissioning`, { why: this.why.value }));
  }

  async #do(work) {
    try {
      await work();
      await this.onChange();
    } catch (error) {
      this.problem.textContent = said(error);
      this.why.focus();
    }
  }
}

const path = (device) => `/api/inventory/devices/${encodeURIComponent(device)}`;

/** "Nov 25, 2026, 9:14 PM · anna · changed · bed: – → bed-1". */
function told({ utc_ms: at, by, what, detail }) {
  const news = Object.entries(detail).map(([name, value]) => {
    const text = Array.isArray(value) ? value.map((one) => one || "–").join(" → ") : value;
    return `${named("field", name)}: ${text}`;
  });
  return [when(at), by, named("change", what), ...news].join(" · ");
}

/** A bed, from when to when, by whom; patients only as numbers of stays. */
function placed({ bed, from_ms: from, to_ms: to, by, stays }) {
  const until = to === null ? t("placements.now") : when(to);
  const whose = stays.length ? t("placements.stays", { stays: stays.map((stay) => stay.id).join(", ") }) : t("placements.nobody");
  return [bed, `${when(from)} – ${until}`, by ?? t("placements.gateway"), whose].join(" · ");
}
