// Where a person is logged in: a screen that was left behind is logged out from here.
import { el, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";

export class Sessions {
  constructor(card, done) {
    Object.assign(this, { card, done, held: null });
  }

  async load() {
    const answer = await this.done("GET", "/api/account/sessions");
    if (answer === undefined) return;
    this.held = answer.sessions;
    this.draw();
  }

  draw() {
    show(this.card, this.held !== null);
    this.card.querySelector("ul").replaceChildren(...(this.held ?? []).map((one) => el("li", {}, ...this.#row(one))));
  }

  #row(one) {
    const where = one.here ? t("sessions.here") : t("sessions.from", one);
    const told = t("sessions.told", { how: named("how", one.how), since: moment(one.began_ms), used: moment(one.used_ms) });
    const end = el("button", { type: "button", "aria-label": t("sessions.end-one", { since: moment(one.began_ms) }) }, t("sessions.end"));
    end.addEventListener("click", () => this.#end(one));
    return [el("p", {}, el("b", {}, where), el("span", {}, told)), ...(one.here ? [] : [end])];
  }

  async #end(one) {
    if ((await this.done("DELETE", `/api/account/sessions/${one.id}`)) !== undefined) await this.load();
  }
}
