// What is carried: from where to where, how far, when it is there and why it is not; cancel it, take it.
import { change } from "/prescriptions/asking.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";
import { drawerForm } from "./drawer.js";
import { deadlineOf, etaOf, isOpen, reasons, stateOf, what } from "./said.js";

const LINES = ["what", "state", "eta", "deadline", "why", "asked"];

export class Transports {
  /** `onChanged()` after a change. */
  constructor(section, onChanged) {
    Object.assign(this, { onChanged, may: false, held: [], asked: 0 });
    [this.open, this.over] = section.querySelectorAll("ul");
    this.none = section.querySelector(".none");
    this.tab = document.getElementById("tab-deliveries");
  }

  person(me) {
    this.may = me.permissions.includes("robots:ask");
    for (const list of [this.open, this.over]) list.replaceChildren();
  }

  /** `held`: of /api/robots/transports, `asked`: the controller's time then. */
  show(held, asked) {
    Object.assign(this, { held, asked });
  }

  /** `robots` by id. */
  draw(robots, now) {
    const open = this.held.filter(isOpen);
    const fill = (node, one) => this.#fill(node, one, robots.get(one.robot), now);
    keep(this.open, open, (one) => one.id, (one) => this.#make(one), fill);
    keep(this.over, this.held.filter((one) => !isOpen(one)), (one) => one.id, (one) => this.#make(one), fill);
    show(this.none, open.length === 0);
    setText(this.tab, t("robots.deliveries-of", { n: open.length }));
  }

  redraw() {
    for (const list of [this.open, this.over]) list.replaceChildren();
  }

  #make(one) {
    const lines = LINES.map((name) => el("p", { class: name }));
    const ways = this.may && isOpen(one) ? this.#ways(one) : [];
    return el("li", { "data-transport": one.id }, el("h3", {}, `${one.pick} → ${one.drop}`), ...lines, ...ways);
  }

  #fill(node, one, robot, now) {
    const is = { state: one.state, here: String(one.waits_here) };
    for (const [name, value] of Object.entries(is)) if (node.dataset[name] !== value) node.dataset[name] = value;
    const texts = {
      what: what(one),
      state: stateOf(one),
      eta: etaOf(one, this.asked, now),
      deadline: deadlineOf(one, this.asked),
      why: reasons(one, robot, now).join(" · "),
      asked: [one.id, t("robots.asked", { who: one.asked_by, at: moment(one.wanted_ms) }), one.cancelled_by && t("robots.cancelled-by", { who: one.cancelled_by })].filter(Boolean).join(" · "),
    };
    for (const [name, text] of Object.entries(texts)) setText(node.querySelector(`.${name}`), text);
    for (const way of node.querySelectorAll("[data-when]")) show(way, way.dataset.when.split(" ").includes(one.waits_here ? `here-${one.state}` : one.state));
  }

  /** What can be done, each shown only when it can. */
  #ways(one) {
    const problem = el("p", { class: "problem", role: "alert" });
    const send = async (part, body) => {
      const answer = await change(problem, "PUT", `/api/robots/transports/${one.id}/${part}`, body);
      if (answer.ok || answer.status === 409) this.onChanged();
      return answer;
    };
    const press = (part, when, body) => el("button", { type: "button", class: "primary large", "data-when": when, "aria-label": `${t(`robots.${part}-do`)} ${one.id}`, onclick: () => send(part, body) }, t(`robots.${part}-do`));
    return [
      problem,
      drawerForm(one, send),
      el("div", { class: "row" }, press("loaded", "here-assigned"), press("taken", "here-picked", { taken: true, why: "" })),
      because(one, "not-taken", "here-picked", (why) => send("taken", { taken: false, why })),
      because(one, "cancel", "wanted assigned here-assigned picked here-picked", (why) => send("cancelled", { why })),
    ];
  }
}

/** A form that opens and asks why. */
function because(one, part, when, act) {
  const why = el("input", { id: `${part}-${one.id}`, required: true, maxlength: 200, autocomplete: "off" });
  const form = el("form", {}, el("label", { for: why.id }, t("robots.why")), why, el("button", { class: "danger", "aria-label": `${t(`robots.${part}-do`)} ${one.id}` }, t(`robots.${part}-do`)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(why.value.trim());
  });
  return el("details", { "data-when": when }, el("summary", {}, t(`robots.${part}`)), form);
}
