// Stop all: big, for everybody who works here, after one question; and that they stand, and by whose word.
import { change } from "/prescriptions/asking.js";
import { setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { confirmed } from "/public/confirm.js";

const byId = (id) => document.getElementById(id);

export class Halt {
  constructor(onChanged) {
    Object.assign(this, { onChanged, may: new Set(), stopped: "" });
    byId("stop-all").addEventListener("click", () => this.#ask("stop", "PUT"));
    byId("go-all").addEventListener("click", () => this.#ask("go", "DELETE"));
  }

  person(me) {
    this.may = new Set(me.permissions);
    this.draw(this.stopped);
  }

  /** `stopped`: why all stand, in words; "": they do not. */
  draw(stopped) {
    this.stopped = stopped;
    show(byId("stop-all"), this.may.has("robots:stop") && stopped === "");
    show(byId("go-all"), this.may.has("robots:manage") && stopped !== "");
    setText(byId("all-stopped"), stopped === "" ? "" : t("robots.all-stopped", { why: stopped }));
  }

  async #ask(what, method) {
    if (!(await confirmed(t(`robots.${what}-all`), t(`robots.${what}-all-sure`), t(`robots.${what}-all`)))) return;
    await change(byId("halt-problem"), method, "/api/robots/stop");
    this.onChanged();
  }
}
