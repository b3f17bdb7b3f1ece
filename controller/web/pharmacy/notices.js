// What the pharmacy has to know and do: the oldest first, until somebody sees to it, by name. It stays in the list of what was.
import { age } from "/screen/format.js";
import { amount } from "/prescriptions/said.js";
import { aloneWords, seeing, seenWords } from "/round/alone.js";
import { change } from "/prescriptions/asking.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";

const KINDS = ["withdrawn", "recalled", "returned", "expired", "repeat-due", "by-hand", "unwitnessed", "cold"];
const PATH = "/api/pharmacy/notices";

export class Notices {
  /** `now()`: the controller's time; `onChanged()`: ask anew. */
  constructor(section, now, onChanged) {
    Object.assign(this, { section, now, onChanged, held: null, open: 0, me: "" });
    this.list = section.querySelector("ul");
    this.kind = section.querySelector("select");
    this.done = section.querySelector("input");
    this.tab = document.getElementById("tab-notices");
    for (const one of [this.kind, this.done]) one.addEventListener("change", () => onChanged());
    this.#kinds();
  }

  person(me) {
    this.me = me.user;
    this.list.replaceChildren();
  }

  /** What is asked for: as it is filtered. */
  get path() {
    return `${PATH}?${new URLSearchParams({ kind: this.kind.value, done: this.done.checked })}`;
  }

  /** `asked`: the path of which this is the answer; another filter may have been chosen since. */
  show({ notices, open }, asked = this.path) {
    if (asked !== this.path) return;
    Object.assign(this, { held: notices, open });
    keep(this.list, notices, (one) => [one.id, one.acknowledged_by, one.given?.revision].join(), (one) => this.#item(one), () => {});
    show(this.section.querySelector(".none"), notices.length === 0);
    setText(this.tab, open === 0 ? t("told.title") : t("told.title-with", { n: open }));
    this.tab.dataset.open = String(open > 0);
    this.tick();
  }

  /** How old each is. */
  tick() {
    for (const node of this.list.querySelectorAll("[data-told]")) setText(node, t("age.ago", { age: age(Math.max(this.now() - Number(node.dataset.told), 0)) }));
  }

  draw() {
    this.#kinds();
    if (this.held === null) return setText(this.tab, t("told.title"));
    this.list.replaceChildren();
    return this.show({ notices: this.held, open: this.open });
  }

  #kinds() {
    const { value } = this.kind;
    const options = ["", ...KINDS].map((one) => el("option", { value: one }, t(one === "" ? "told.every-kind" : `told.kind.${one}`)));
    this.kind.replaceChildren(...options);
    this.kind.value = value;
  }

  #item(one) {
    const what = one.patient === null ? one.about : [one.patient.name, one.patient.identifier].join(" · ");
    const problem = el("p", { class: "problem", role: "alert" });
    const why = one.kind === "unwitnessed" ? [] : [[one.patient && one.about, detail(one)].filter(Boolean).join(" · ")];
    return el(
      "li",
      { "data-kind": one.kind, "data-state": one.acknowledged_by === null ? "on-hold" : "completed" },
      el("h3", { tabindex: "-1" }, t(`told.kind.${one.kind}`), " ", el("span", { class: "whose" }, what)),
      ...(one.medicine === null ? [] : [el("p", {}, `${one.medicine} · ${one.rx}`)]),
      ...why.map((words) => el("p", {}, words)),
      ...this.#given(one),
      el("p", { class: "to-do" }, t(`told.do.${one.kind}${one.kind === "recalled" && one.patient === null ? "-shelf" : ""}`)),
      el("span", { class: "note" }, `${by(one.by)}, ${moment(one.at_ms)} · `, el("span", { "data-told": one.at_ms })),
      problem,
      ...(one.acknowledged_by === null ? [this.#acknowledging(one, what, problem)] : [el("p", { class: "said" }, t("told.done-by", { by: one.acknowledged_by, when: moment(one.acknowledged_ms) }))]),
    );
  }

  /** What was given without a witness, and the way to say that one looked at it. */
  #given({ given, kind }) {
    if (kind !== "unwitnessed" || given === null) return [];
    const state = given.state === "completed" ? [] : [named("rx.gave", given.state)];
    return [
      el("p", { class: "alone" }, aloneWords(given)),
      el("p", {}, [given.number, amount(given), t("told.given-by", { by: given.by, when: moment(given.given_ms) }), ...state].join(" · ")),
      el("p", {}, seenWords(given)),
      ...seeing(given, { me: this.me, path: "/api/pharmacy/administrations", done: () => this.onChanged() }),
    ];
  }

  #acknowledging(one, what, problem) {
    const button = el("button", { type: "button", class: "primary", "aria-label": t("told.acknowledge-of", { kind: t(`told.kind.${one.kind}`), what }) }, t("told.acknowledge"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      const answer = await change(problem, "PUT", `${PATH}/${one.id}/acknowledged`);
      button.disabled = false;
      if (answer.ok) this.tab.focus();
      if (answer.ok || answer.status === 409) this.onChanged();
    });
    return el("div", { class: "row" }, button);
  }
}

const by = (name) => (name === "controller" ? t("told.by-itself") : name);

function detail({ kind, detail: told }) {
  if (kind === "repeat-due") return t("told.prescriber", { by: told });
  return kind === "cold" ? told.split(" ").map((name) => named("cold.doubt", name)).join(" · ") : told;
}
