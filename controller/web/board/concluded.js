// What conferences concluded of the patient in an opened bed: signed documents of the record, which stay.
import { el, setText, show } from "/screen/dom.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { moment } from "/screen/dates.js";
import { onLanguage, t } from "/public/i18n.js";

export class Concluded {
  #told = [];

  constructor() {
    Object.assign(this, { whose: undefined, may: false });
    this.problem = el("p", { class: "problem", role: "status" });
    this.list = el("ul", { class: "medicines" });
    this.node = el("section", { class: "bed-medicines bed-concluded", hidden: true }, heading("concluded.of-bed"), this.problem, this.list);
    onLanguage(() => this.#draw());
  }

  person(me) {
    this.may = me.state === "open" && me.permissions.includes("conferences:read");
    this.#load();
  }

  /** Somebody else lies there: nothing of the one before stays. */
  update(bed) {
    if (bed.patient?.identifier === this.whose) return;
    this.whose = bed.patient?.identifier;
    this.#load();
  }

  close() {
    this.update({ patient: null });
  }

  async #load() {
    const { whose } = this;
    this.#told = [];
    this.#draw();
    if (whose === undefined || !this.may) return;
    try {
      const { conclusions } = await get(`/api/patients/${encodeURIComponent(whose)}/conclusions`);
      if (whose !== this.whose) return;
      this.#told = conclusions;
    } catch (error) {
      if (error.name !== "Refusal" && !(error instanceof TypeError)) throw error;
      if (whose !== this.whose || error.status === 404) return; // somebody of whom nothing is kept yet
      return this.#draw(t("concluded.failed", { message: error.message }));
    }
    this.#draw();
  }

  #draw(problem = "") {
    setText(this.problem, problem);
    this.list.replaceChildren(...this.#told.map((one) => row(this.whose, one)));
    show(this.node, problem !== "" || this.#told.length > 0);
  }
}

function row(whose, one) {
  const path = `/api/patients/${encodeURIComponent(whose)}/conclusions/${one.number}/${one.case}/signed`;
  const signed = one.opinions.map(({ actor, stand, words }) => el("a", { class: "button", href: `${path}?${new URLSearchParams({ actor })}`, download: "" }, t(`concluded.${stand}`, { who: actor, words })));
  const lines = [one.conclusion, one.plan].filter((words) => words !== "").map((words) => el("span", {}, words));
  const none = signed.length === 0 ? [el("span", { class: "why" }, t("concluded.unsigned"))] : signed;
  return el("li", {}, el("b", {}, one.question), ...lines, el("span", { class: "age" }, `${one.title} · ${one.number} · ${moment(one.utc_ms)}`), ...none);
}
