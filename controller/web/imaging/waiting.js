// What waits for whoever looks after the archive: studies of which it is not sure whose they are, and files that
// were not let in. Each is settled once, for a reason.
import { done } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";
import { putRight } from "./right.js";
import { person, size, viewer, when, whose } from "./said.js";

/** A list in `section`; `tab` says how many there are. */
class Waiting {
  constructor(section, tab, path, onSettled) {
    Object.assign(this, { section, tab, path, onSettled, items: null, total: 0 });
  }

  async read() {
    const answer = await done("GET", this.path);
    if (answer === undefined) return;
    [this.items, this.total] = this.told(answer);
    this.draw();
  }

  draw() {
    setText(this.tab, t(this.words, { n: this.total }));
    if (this.items === null) return;
    show(this.section.querySelector(".none"), this.items.length === 0);
    this.section.querySelector(".waiting").replaceChildren(...this.items.map((one) => this.item(one)));
  }

  async settle(method, path, body) {
    if ((await done(method, path, body)) === undefined) return;
    await this.read();
    await this.onSettled();
    this.tab.focus();
  }
}

export class Doubts extends Waiting {
  words = "worklist.doubts";
  port = null;

  told({ doubts }) {
    return [doubts, doubts.length];
  }

  item(one) {
    const { study } = one;
    const path = `/api/imaging/doubts/${study.study}`;
    const what = [study.modalities.join(" "), when(study.date, study.time), study.description].filter(Boolean).join(" · ");
    const open = this.port === null ? [] : [el("a", { class: "button", href: viewer(this.port, study.study) }, t("worklist.open"))];
    const confirm = el("button", { type: "button", onclick: () => this.settle("PUT", `${path}/confirmed`) }, t("worklist.confirm"));
    return el(
      "li",
      {},
      el("h2", {}, whose(study)),
      el("span", {}, what),
      el("span", { class: "held" }, named("worklist.reason", one.reason)),
      el("span", { class: "note" }, one.expected ? t("worklist.expected", { name: person(one.expected) }) : one.message),
      el("div", { class: "row" }, ...open, ...(study.patient.identifier ? [confirm] : [])),
      ...putRight(study, (...change) => this.settle(...change)),
    );
  }
}

export class Quarantine extends Waiting {
  words = "worklist.quarantine";

  told({ files, total }) {
    return [files, total];
  }

  item(one) {
    const settle = (how) => this.settle("PUT", `/api/imaging/quarantine/${one.id}/settled`, { how });
    const way = (how, words, look) => el("button", { type: "button", class: look, onclick: () => settle(how) }, words);
    const from = t("worklist.from-whom", { who: one.from_whom, when: moment(one.at_ms), size: size(one.size) });
    return el(
      "li",
      {},
      el("h2", {}, named("worklist.reason", one.reason)),
      el("span", {}, from),
      ...(one.patient ? [el("span", {}, t("worklist.says-patient", { patient: one.patient }))] : []),
      ...(one.instance ? [el("span", { class: "note" }, one.instance)] : []),
      el("span", { class: "note" }, one.message),
      el("div", { class: "row" }, way("taken", t("worklist.take"), null), way("discarded", t("worklist.discard"), "danger")),
    );
  }
}
