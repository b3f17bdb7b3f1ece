// The laboratory results of the patient in an opened bed: as the analyser told them, the newest first.
import { age } from "/screen/format.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { t } from "/public/i18n.js";

const EVERY_MS = 15_000;

export class Results {
  constructor(clock) {
    this.clock = clock;
    this.list = el("ul", { class: "results" });
    this.problem = el("p", { role: "status", class: "problem" });
    this.node = el("section", { hidden: true }, heading("bed.results"), this.problem, this.list);
  }

  open(bed) {
    this.path = `/api/beds/${encodeURIComponent(bed)}/results`;
    this.list.replaceChildren();
    show(this.node, false);
    this.#load();
    this.timer = setInterval(() => this.#load(), EVERY_MS);
  }

  close() {
    clearInterval(this.timer);
    this.path = null;
  }

  async #load() {
    const path = this.path;
    try {
      const { results } = await get(path);
      if (path === this.path) this.#show(results);
      setText(this.problem, "");
    } catch (error) {
      if (path === this.path) setText(this.problem, t("results.failed", { message: error.message }));
      show(this.node, true);
    }
  }

  #show(results) {
    show(this.node, results.length > 0);
    const now = this.clock.now();
    keep(this.list, results, (one) => String(one.id), makeResult, (node, one) => updateResult(node, one, now));
  }
}

const makeResult = () =>
  el("li", {}, el("b"), el("span", { class: "number" }), el("span", { class: "why" }), el("span", { class: "age" }));

/** Not final (status other than F) and out of range (a flag other than N) are said in words beside the number. */
function updateResult(node, one, now) {
  const [name, figure, against, when] = node.children;
  const flagged = one.flags && one.flags !== "N";
  setState(node, flagged ? "questionable" : "current");
  setText(name, one.text || one.code);
  setText(figure, [one.value || t("value.none"), one.unit].filter(Boolean).join(" "));
  const range = one.range ? t("results.range", { range: one.range }) : "";
  setText(against, [flagged ? one.flags : "", one.status === "C" ? t("results.corrected") : "", range].filter(Boolean).join(" · "));
  setText(when, [one.time, one.device, t("age.ago", { age: age(Math.max(now - one.at_ms, 0)) })].filter(Boolean).join(" · "));
}
