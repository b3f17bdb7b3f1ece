// What is on its way: who has it and had it, who takes it over, who received it by which code, what came back.
import { chain } from "/prescriptions/story.js";
import { change } from "/prescriptions/asking.js";
import { coldLines, fillCold, isToJudge } from "/prescriptions/cold.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { handed } from "./handed.js";
import { offerIn, packForm, verdictForm } from "./boxes.js";
import { moment } from "/screen/dates.js";
import { fillRide, isRiding, rideLines } from "/prescriptions/ride.js";
import { sendForm, stations } from "./sending.js";
import { stepping } from "/prescriptions/stepping.js";
import { t } from "/public/i18n.js";

export class Deliveries {
  /** `now()`: the controller's time. */
  constructor(section, now, onChanged) {
    Object.assign(this, { now, onChanged, held: null, asked: 0, may: false, judges: false, places: [], boxes: [] });
    this.list = section.querySelector("ul");
    this.none = section.querySelector(".none");
    this.tab = document.getElementById("tab-deliveries");
  }

  person(me) {
    this.may = me.permissions.includes("rx:deliver");
    this.judges = me.permissions.includes("rx:dispense");
    this.list.replaceChildren();
  }

  /** The stations that robots drive to. */
  async read() {
    this.places = await stations();
    if (this.held !== null) this.draw();
  }

  /** The cooled boxes that something can be put into. */
  offer(boxes) {
    this.boxes = boxes;
    for (const node of this.list.querySelectorAll(".packing")) offerIn(node, boxes);
  }

  /** `asked`: the controller's time of the answer. */
  show(found, asked = this.asked) {
    Object.assign(this, { held: found, asked });
    keep(this.list, found, (one) => `${one.number} ${one.revision} ${one.cold?.state}`, (one) => this.#item(one), (node, one) => {
      tried(node, one);
      this.#fill(node, one);
    });
    show(this.none, found.length === 0);
    setText(this.tab, t("pharmacy.on-the-way-of", { n: found.length }));
  }

  /** Estimates grow older. */
  tick() {
    for (const one of this.held ?? []) {
      const node = this.list.querySelector(`[data-delivery="${one.number}"]`);
      if (node) this.#fill(node, one);
    }
  }

  #fill(node, one) {
    fillRide(node, one, this.asked, this.now());
    fillCold(node, one, this.now(), { may: this.may, again: this.onChanged });
  }

  draw() {
    if (this.held === null) return setText(this.tab, t("pharmacy.on-the-way"));
    this.list.replaceChildren();
    this.show(this.held);
  }

  #item(one) {
    const problem = el("p", { class: "problem", role: "alert" });
    const title = [one.number, one.patient.name, one.queue !== null && t("pharmacy.queue-number", { n: one.queue })].filter(Boolean).join(" · ");
    return el(
      "li",
      { "data-delivery": one.number, "data-state": one.coming_back || isToJudge(one) ? "on-hold" : "active" },
      el("h3", {}, title),
      ...(one.coming_back ? [el("p", { class: "held" }, t("rx.coming-back"))] : []),
      el("p", {}, [t(`rx.delivery.${one.kind}`), one.destination, one.prescription].filter(Boolean).join(" · ")),
      el("p", { class: "chain" }, chain(one)),
      ...coldLines(one),
      rideLines(),
      el("p", { class: "held tries" }),
      el("span", { class: "note" }, moment(one.started_ms)),
      problem,
      ...this.#ways(one, (method, part, body) => this.#send(one, problem, [method, part, body])),
    );
  }

  async #send(one, problem, [method, part, body]) {
    const answer = await change(problem, method, `/api/deliveries/${one.number}/${part}`, body, one.revision);
    if (answer.ok || [409, 412].includes(answer.status)) this.onChanged();
    return answer;
  }

  /** What can be done with it now. What was received is only judged. */
  #ways(one, send) {
    const canPack = this.judges && one.state === "in-progress" && one.kind !== "pick-up" && !one.coming_back;
    return [
      ...(canPack ? [packForm(one, this.boxes, (body) => send("PUT", "box", body))] : []),
      ...(this.judges ? verdictForm(one, (body) => send("PUT", "verdict", body)) : []),
      ...(this.may && one.state === "in-progress" ? this.#going(one, send) : []),
    ];
  }

  #going(one, send) {
    const renew = async () => {
      const answer = await send("POST", "code", {});
      if (answer.ok) handed({ delivery: one.number, queue: one.queue, kind: one.kind, code: answer.data.code }, one.patient, one.destination);
    };
    const code = one.kind === "ward" ? [] : [["code", t("pharmacy.code"), { pattern: "[0-9]{6}", inputmode: "numeric", required: true, maxlength: 6 }]];
    const over = [["holder", t("pharmacy.holder"), { required: true, maxlength: 64 }], ["spot", t("pharmacy.spot"), { maxlength: 64 }], ["seal", t("pharmacy.seal"), { maxlength: 64 }], ["drawer", t("pharmacy.drawer"), { maxlength: 64 }]];
    const canRide = one.kind === "ward" && !one.coming_back && !isRiding(one) && this.places.length > 1;
    return [
      ...(canRide ? [sendForm(one, this.places, (body) => send("PUT", "robot", body))] : []),
      asking(one, "custody", over, (body) => send("PUT", "custody", body)),
      ...(one.coming_back ? [] : [asking(one, isToJudge(one) ? "received-to-judge" : "received", [...code, ["spot", t("pharmacy.spot"), { maxlength: 64 }]], (body) => send("PUT", "received", body))]),
      el(
        "div",
        { class: "row" },
        ...(one.kind === "ward" ? [] : [el("button", { type: "button", "aria-label": `${t("pharmacy.new-code")} ${one.number}`, onclick: renew }, t("pharmacy.new-code"))]),
        ...stepping({ what: one.number, possible: [["abandoned", t("pharmacy.came-back")], ["entered-in-error", t("rx.become.entered-in-error")]], free: [], act: (state, why) => send("PUT", "state", { state, why }) }),
      ),
    ];
  }
}

/** Wrong codes leave the rest, and what is typed, as it is. */
function tried(node, { tries }) {
  setText(node.querySelector(".tries"), tries === 0 ? "" : t("pharmacy.tries", { n: tries }));
}

/** A form that opens: fields as [name, words, attributes]. */
function asking(one, part, fields, act) {
  const inputs = fields.map(([name, words, more]) => [name, el("input", { id: `${one.number}-${part}-${name}`, autocomplete: "off", ...more }), words]);
  const rows = inputs.map(([, input, words]) => el("div", {}, el("label", { for: input.id }, words), input));
  const form = el("form", { class: "inline" }, ...rows, el("button", { class: "primary", "aria-label": `${t(`pharmacy.${part}-do`)} ${one.number}` }, t(`pharmacy.${part}-do`)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(Object.fromEntries(inputs.map(([name, input]) => [name, input.value.trim()])));
  });
  return el("details", {}, el("summary", {}, t(`pharmacy.${part}`)), form);
}
