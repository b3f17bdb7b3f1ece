// A high-alert dose that one person gave: why nobody else was there, loud wherever it is shown, and who looked at it afterwards.
import { change } from "/prescriptions/asking.js";
import { clockTime } from "/screen/format.js";
import { el, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";
import { field, shownFields, shownOf } from "./shown.js";

const REASONS = ["emergency", "nobody-reachable", "other"];

/** "GIVEN WITHOUT A WITNESS: emergency, words". */
export function aloneWords(given) {
  return t("alone.said", { why: [named("alone.reason", given.alone), given.alone_why].filter(Boolean).join(", ") });
}

/** Who looked at it since, and when; `at(ms)` says a time. */
export function seenWords(given, at = moment) {
  return given.seen_by === "" ? t("alone.unseen") : t("alone.seen", { by: given.seen_by, when: at(given.seen_ms) });
}

/** Two lines for a dose, of which the first is loud; none if it was not given so. `now`: the controller's. */
export function aloneLines(given, now) {
  if (!given.alone || given.state === "entered-in-error") return [];
  const at = (ms) => clockTime(ms - now.server + now.utc);
  return [el("strong", { class: "alone" }, aloneWords(given)), el("span", { class: "seen" }, seenWords(given, at))];
}

/** The part of giving that opens when nobody else is there. `isOpen`, `body()` for the request, or null: something is missing. */
export class Alone {
  /** `me`: who gives it; `onToggle(isOpen)`. */
  constructor(me, onToggle) {
    this.me = me;
    this.reasons = REASONS.map((one) => el("input", { type: "radio", name: "alone-reason", id: `alone-${one}`, value: one }));
    const choices = this.reasons.map((input) => el("div", { class: "choice" }, input, el("label", { for: input.id }, t(`alone.reason.${input.value}`))));
    const [label, words] = field("alone-why", t("alone.in-words"), { maxlength: 200 });
    this.words = words;
    this.node = el(
      "details",
      { class: "alone-part" },
      el("summary", {}, t("alone.nobody")),
      el("p", { class: "warning" }, t("alone.warning")),
      el("fieldset", {}, el("legend", {}, t("alone.why")), ...choices),
      label,
      words,
      el("p", { class: "two" }, t("alone.prove")),
      ...field("own-badge", t("alone.badge"), { type: "password", maxlength: 256 }),
      ...field("own-pin", t("alone.pin"), { type: "password", inputmode: "numeric", maxlength: 8 }),
      ...field("own-password", t("alone.password"), { type: "password", maxlength: 1024 }),
    );
    this.node.addEventListener("change", () => this.#adapt());
    this.node.addEventListener("toggle", () => {
      this.#adapt();
      onToggle(this.isOpen);
    });
  }

  get isOpen() {
    return this.node.open;
  }

  get body() {
    const value = (id) => this.node.querySelector(`#own-${id}`).value.trim();
    const [badge, pin, password] = ["badge", "pin", "password"].map(value);
    const person = badge === "" ? this.me : "";
    const reason = this.reasons.find((one) => one.checked)?.value;
    return { reason, why: this.words.value.trim(), shown: { person, badge, pin: badge ? "" : pin, password: badge || pin ? "" : password } };
  }

  forget() {
    for (const input of this.node.querySelectorAll("[type=password]")) input.value = "";
  }

  #adapt() {
    for (const one of this.reasons) one.required = this.isOpen;
    this.words.required = this.isOpen && this.reasons.at(-1).checked;
  }
}

/** The way for somebody else to say that they looked at it afterwards: who is logged in, or a colleague on this screen. */
export function seeing(given, { me, path, done }) {
  if (!given.alone || given.state !== "completed" || given.seen_by !== "") return [];
  const problem = el("p", { class: "problem", role: "alert" });
  const send = async (shown) => {
    const answer = await change(problem, "PUT", `${path}/${given.number}/seen`, { shown }, given.revision);
    if (answer.ok) await done();
  };
  const id = (name) => `seen-${name}-${given.number}`;
  const mine = el("button", { type: "button", class: "primary", onclick: () => send(null) }, t("alone.see"));
  const form = el("form", {}, ...shownFields(id), el("button", {}, t("alone.see-other")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(shownOf(form, id));
  });
  show(mine, given.by !== me);
  return [el("details", { class: "seeing" }, el("summary", { "aria-label": t("alone.to-see-of", { number: given.number }) }, t("alone.to-see")), el("p", { class: "soft" }, t("alone.see-about")), mine, el("p", { class: "soft" }, t("alone.colleague")), form, problem)];
}
