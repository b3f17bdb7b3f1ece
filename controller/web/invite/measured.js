// What devices at the patient's home measured, the newest first, and whether the patient says that it was somebody else.
import { age } from "/screen/format.js";
import { done } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import en from "/public/words/invite-measured-en.js";
import { learn } from "/screen/i18n.js";
import { moment } from "/screen/dates.js";
import { factor, shown } from "/public/reading.js";
import { Targets } from "/public/targets.js";
import { t } from "/public/i18n.js";
import zh from "/public/words/invite-measured-zh.js";

learn({ en, zh });
const COLUMNS = ["what", "value", "against", "when", "device", "said"];

export class Measured {
  /** `targets`: the node of what was agreed upon. */
  constructor(node, targets) {
    Object.assign(this, { node, told: null, path: "" });
    this.targets = new Targets(targets, () => this.#read());
  }

  /** `may`: whether one may say what the numbers should come to. */
  async open(path, may) {
    Object.assign(this, { told: null, path });
    await this.#read();
    await this.targets.open(path, { may });
  }

  async #read() {
    const told = await done("GET", `${this.path}/measured-at-home`);
    if (told === undefined) return;
    this.told = told;
    this.draw();
  }

  /** Nothing is shown of who has no devices at home. */
  draw() {
    if (this.told === null) return;
    const { readings, server_ms: now } = this.told;
    this.targets.draw();
    const head = COLUMNS.map((name) => el("th", { scope: "col" }, t(`at-home.${name}`)));
    const table = el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...readings.map((one) => row(one, now))));
    const region = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": "measured-title" }, table);
    this.node.replaceChildren(el("h2", { id: "measured-title" }, t("at-home.measured")), el("p", { class: "soft" }, t("at-home.measured-note")), ...(readings.some((one) => one.kind === "blood-glucose") ? [el("p", { class: "soft" }, factor())] : []), region);
    show(this.node, readings.length > 0);
  }
}

function row(one, now) {
  const when = `${moment(one.at_ms)} (${t("age.ago", { age: age(Math.max(now - one.at_ms, 0)) })})`;
  const cells = [shown(one) + (one.is_doubtful ? " ?" : ""), one.against === null ? "" : t(`at-home.against.${one.against}`), when, one.device, one.said === null ? "" : t(`at-home.said.${one.said}`)];
  return el("tr", { "data-said": one.said ?? "" }, el("th", { scope: "row" }, t(`at-home.kind.${one.kind}`)), ...cells.map((text) => el("td", {}, text)));
}
