// Who is on board: known by a wristband or a name, or only as "unknown, male, about 60"; and the end of the stay.
import { Choice, field } from "./fields.js";
import { CLASSES, SEXES } from "./known.js";
import { el, setText, show } from "/screen/dom.js";
import { Scan } from "./scan.js";
import { t } from "/screen/i18n.js";

const AGES = ["1", "5", "10", "20", "30", "40", "50", "60", "70", "80", "90"];
const SURE_MS = 5_000;

export class Patient {
  /** `done()` is called when the sheet may be closed. */
  constructor(box, teller, done) {
    Object.assign(this, { box, teller, done });
    this.scan = new Scan((text) => (this.identifier.input.value = text));
    this.identifier = field("identifier", "patient.identifier", { maxlength: 100 });
    this.name = field("name", "patient.name", { maxlength: 100 });
    this.years = field("age", "patient.years", { type: "number", min: 0, max: 150, inputmode: "numeric" });
    this.sex = new Choice("patient.sex", SEXES, (name) => `sex.${name}`);
    this.decade = new Choice("patient.about-years", AGES, null, (age) => (this.years.input.value = age));
    this.class = new Choice("patient.class", CLASSES, (name) => `class.${name}`);
    this.save = el("button", { class: "primary" });
    this.end = el("button", { type: "button", class: "danger" });
    this.end.addEventListener("click", () => this.#end());
    this.node = el("form", { class: "patient-form" },
      this.sex.node, this.decade.node, el("div", { class: "line" }, this.years.node, this.class.node),
      el("div", { class: "line" }, this.identifier.node, this.scan.button), this.scan.video,
      this.name.node, el("div", { class: "line" }, this.save, this.end));
    this.node.addEventListener("submit", (event) => this.#save(event));
  }

  open() {
    const { stay } = this.box;
    this.identifier.input.value = stay?.identifier ?? "";
    this.name.input.value = stay?.name ?? "";
    this.years.input.value = stay?.age ?? "";
    this.decade.choose(stay?.age ?? null);
    this.sex.choose(stay?.sex ?? "unknown");
    this.class.choose(stay?.class ?? "adult");
    this.sureUntil = 0;
    this.update();
  }

  update() {
    setText(this.save, t(this.box.stay ? "patient.identify" : "patient.start"));
    show(this.end, this.box.stay !== null);
    setText(this.end, t(performance.now() < this.sureUntil ? "patient.end-sure" : "patient.end"));
  }

  close() {
    this.scan.stop();
  }

  async #save(event) {
    event.preventDefault();
    const years = this.years.input.value;
    const detail = {
      action: this.box.stay ? "identify" : "begin",
      identifier: this.identifier.input.value.trim(),
      name: this.name.input.value.trim(),
      sex: this.sex.value,
      class: this.class.value,
      ...(years !== "" && { age: Number(years) }),
    };
    if (await this.teller.tell("patient", detail)) this.#closed(t("patient.saved"));
  }

  /** Two touches: what follows belongs to the next patient. */
  async #end() {
    if (performance.now() >= this.sureUntil) {
      this.sureUntil = performance.now() + SURE_MS;
      return this.update();
    }
    this.sureUntil = 0;
    if (await this.teller.tell("patient", { action: "end" })) this.#closed(t("patient.ended"));
  }

  #closed(words) {
    this.done();
    this.teller.say(words);
  }
}
