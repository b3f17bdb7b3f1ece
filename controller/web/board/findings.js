// What programs have found of the patient in an opened bed: each for review by a physician, the newest first.
import { age } from "/screen/format.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { t } from "/public/i18n.js";

const EVERY_MS = 15_000;
const KNOWN = new Set(["164889003", "48867003", "3424008", "LL", "HH", "U", "D", "implausible"]);

export class Findings {
  constructor(clock) {
    this.clock = clock;
    this.list = el("ul", { class: "findings" });
    this.problem = el("p", { role: "status", class: "problem" });
    const review = el("p", { "data-t": "findings.review" }, t("findings.review"));
    this.node = el("section", { hidden: true }, heading("bed.findings"), review, this.problem, this.list);
  }

  open(bed) {
    this.path = `/api/beds/${encodeURIComponent(bed)}/findings`;
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
      const { findings } = await get(path);
      if (path === this.path) this.#show(findings);
      setText(this.problem, "");
    } catch (error) {
      if (path === this.path) setText(this.problem, t("findings.failed", { message: error.message }));
      show(this.node, true);
    }
  }

  #show(findings) {
    show(this.node, findings.length > 0);
    const now = this.clock.now();
    keep(this.list, findings, (one) => String(one.id), makeFinding, (node, one) => updateFinding(node, one, now));
  }
}

const makeFinding = () => el("li", {}, el("b"), el("span"), el("span", { class: "why" }), el("span", { class: "age" }));

function updateFinding(node, one, now) {
  const [name, urgency, what, origin] = node.children;
  setState(node, one.urgency > 0 ? "questionable" : "current");
  setText(name, KNOWN.has(one.code) ? t(`findings.code-${one.code}`) : one.name);
  setText(urgency, t(`findings.urgency-${one.urgency}`));
  setText(what, one.what);
  const right = one.confidence === null ? t("findings.rule") : t("findings.right", { percent: Math.round(one.confidence * 100) });
  setText(origin, [`${one.model} ${one.version}`, right, t("age.ago", { age: age(Math.max(now - one.at_ms, 0)) })].join(" · "));
}
