// What is on its way: who has it and had it, who takes it over, who received it by which code, what came back.
import { chain } from "/prescriptions/story.js";
import { change } from "/prescriptions/asking.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { handed } from "./handed.js";
import { moment } from "/screen/dates.js";
import { fillRide, isRiding, rideLines } from "/prescriptions/ride.js";
import { sendForm, stations } from "./sending.js";
import { stepping } from "/prescriptions/stepping.js";
import { t } from "/public/i18n.js";

export class Deliveries {
  /** `now()`: the controller's time. */
  constructor(section, now, onChanged) {
    Object.assign(this, { now, onChanged, held: null, asked: 0, may: false, places: [] });
    this.list = section.querySelector("ul");
    this.none = section.querySelector(".none");
    this.tab = document.getElementById("tab-deliveries");
  }

  person(me) {
    this.may = me.permissions.includes("rx:deliver");
    this.list.replaceChildren();
  }

  /** The stations that robots drive to. */
  async read() {
    this.places = await stations();
    if (this.held !== null) this.draw();
  }

  /** `asked`: the controller's time of the answer. */
  show(found, asked = this.asked) {
    Object.assign(this, { held: found, asked });
    keep(this.list, found, (one) => `${one.number} ${one.revision}`, (one) => this.#item(one), (node, one) => {
      tried(node, one);
      fillRide(node, one, this.asked, this.now());
    });
    show(this.none, found.length === 0);
    setText(this.tab, t("pharmacy.on-the-way-of", { n: found.length }));
  }

  /** Estimates grow older. */
  tick() {
    for (const one of this.held ?? []) {
      const node = this.list.querySelector(`[data-delivery="${one.number}"]`);
      if (node) fillRide(node, one, this.asked, this.now());
    }
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
      { "data-delivery": one.number, "data-state": one.coming_back ? "on-hold" : "active" },
      el("h3", {}, title),
      ...(one.coming_back ? [el("p", { class: "held" }, t("rx.coming-back"))] : []),
      el("p", {}, [t(`rx.delivery.${one.kind}`), one.destination, one.prescription].filter(Boolean).join(" · ")),
      el("p", { class: "chain" }, chain(one)),
      rideLines(),
      el("p", { class: "held tries" }),
      el("span", { class: "note" }, moment(one.started_ms)),
      problem,
      ...(this.may ? this.#ways(one, problem) : []),
    );
  }

  #ways(one, problem) {
    const send = async (method, part, body) => {
      const answer = await change(problem, method, `/api/deliveries/${one.number}/${part}`, body, one.revision);
      if (answer.ok || [409, 412].includes(answer.status)) this.onChanged();
      return answer;
    };
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
      ...(one.coming_back ? [] : [asking(one, "received", [...code, ["spot", t("pharmacy.spot"), { maxlength: 64 }]], (body) => send("PUT", "received", body))]),
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
