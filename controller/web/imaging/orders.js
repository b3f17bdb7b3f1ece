// Orders for imaging: the list, how each may go on, and the reports that one has not read or nobody has acknowledged.
import { done } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";
import { Placing } from "./placing.js";

const COLUMNS = ["report", "priority", "patient", "what", "when", "state", "next"];
const STEPS = ["active", "on-hold", "revoked", "entered-in-error"];
const LESS = new Set(["when"]);
const PATH = "/api/imaging/orders";

const byId = (id) => document.getElementById(id);

export class Orders {
  constructor(onReport) {
    Object.assign(this, { onReport, orders: null, pages: 1, next: null, notices: [], may: new Set(), name: "" });
    byId("older-orders").addEventListener("click", () => this.#more());
    this.placing = new Placing(byId("place"), byId("new-order"), () => this.read());
  }

  person(me) {
    this.may = new Set(me.permissions);
    this.name = me.user;
    show(byId("new-order"), this.may.has("imaging:order"));
  }

  async read() {
    const [orders, notices] = await Promise.all([this.#read(), done("GET", "/api/imaging/notices")]);
    if (orders === undefined || notices === undefined) return;
    this.orders = orders;
    this.notices = notices.notices;
    this.draw();
  }

  /** As many pages as are shown, so that what is loaded stays. */
  async #read() {
    const orders = [];
    let path = PATH;
    for (let page = 0; path !== null && page < this.pages; page++) {
      const answer = await done("GET", path);
      if (answer === undefined) return undefined;
      orders.push(...answer.orders);
      path = answer.next;
    }
    this.next = path;
    return orders;
  }

  async #more() {
    const shown = this.orders.length;
    this.pages += 1;
    await this.read();
    byId("order-list").querySelectorAll("tbody tr")[shown]?.querySelector("button").focus();
  }

  draw() {
    this.placing.draw();
    if (this.orders === null) return;
    setText(byId("tab-orders"), this.notices.length === 0 ? t("orders.title") : t("orders.title-with", { n: this.notices.length }));
    byId("tab-orders").dataset.critical = String(this.notices.some((one) => one.critical && one.acknowledged_ms === null));
    byId("notices").replaceChildren(...this.notices.map((one) => this.#notice(one)));
    show(byId("no-notices"), this.notices.length === 0);
    const head = COLUMNS.map((name) => el("th", { scope: "col", class: LESS.has(name) ? "less" : null }, t(`orders.column-${name}`)));
    byId("order-list").replaceChildren(el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...this.orders.map((one) => this.#row(one))));
    show(byId("order-list"), this.orders.length > 0);
    show(byId("no-orders"), this.orders.length === 0);
    show(byId("older-orders"), this.next !== null);
  }

  #notice(one) {
    const isOpen = one.critical && one.acknowledged_ms === null;
    const label = (words) => t(words, { who: one.patient.name });
    const report = this.#button(t("orders.report"), label("orders.report-of"), () => this.onReport(one.accession));
    const buttons = [report];
    if (isOpen && this.may.has("imaging:order")) buttons.push(this.#settling(one, "acknowledged", label));
    if (one.person === this.name && one.read_ms === null) buttons.push(this.#settling(one, "read", label));
    return el(
      "li",
      { "data-critical": String(isOpen) },
      el("h3", {}, `${one.patient.name} · ${one.wanted}`),
      ...(one.critical ? [el("span", { class: "critical" }, t("notices.critical"))] : []),
      el("span", {}, one.conclusion),
      el("span", { class: "note" }, t("notices.told", { who: one.person, when: moment(one.at_ms) })),
      el("div", { class: "row" }, ...buttons),
    );
  }

  #settling(one, how, label) {
    return this.#button(t(`notices.${how}`), label(`notices.${how}-of`), async () => {
      if ((await done("PUT", `/api/imaging/notices/${one.id}/${how}`)) !== undefined) await this.read();
      byId("tab-orders").focus();
    });
  }

  #row(one) {
    const who = one.patient.name;
    const report = this.#button(t("orders.report"), t("orders.report-of", { who }), () => this.onReport(one.accession));
    return el(
      "tr",
      { "data-order": one.accession, "data-state": one.state },
      el("td", {}, report),
      el("td", { "data-priority": one.priority }, named("orders.priority", one.priority)),
      el("th", { scope: "row" }, who, el("span", { class: "note" }, one.patient.identifier)),
      el("td", {}, `${one.modality} ${one.part}`, el("span", { class: "note" }, one.reason)),
      el("td", { class: "less" }, moment(one.scheduled_ms), el("span", { class: "note" }, `${one.station} ${one.accession}`)),
      el("td", {}, named("orders.state", one.state), el("span", { class: "note" }, `${one.changed_by}, ${moment(one.changed_ms)}`)),
      el("td", {}, ...(this.may.has("imaging:order") ? [this.#next(one)] : [])),
    );
  }

  /** What an order may become now. Images complete it, no person does. */
  #next(one) {
    const possible = STEPS.filter((state) => one.possible.includes(state));
    if (possible.length === 0) return "";
    const options = possible.map((state) => el("option", { value: state }, named("orders.become", state)));
    const what = t("orders.next-of", { who: one.patient.name, what: `${one.modality} ${one.part}` });
    const select = el("select", { "aria-label": what }, ...options);
    const why = el("input", { maxlength: 200, "aria-label": t("worklist.why"), placeholder: t("worklist.why"), autocomplete: "off" });
    const form = el("form", { class: "row" }, select, why, el("button", { type: "submit" }, t("orders.change")));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = { state: select.value, why: why.value.trim() };
      const changed = await done("PUT", `${PATH}/${one.accession}/state`, body, { "If-Match": `"${one.revision}"` });
      if (changed === undefined) return;
      await this.read();
      document.querySelector(`tr[data-order="${one.accession}"] button`)?.focus();
    });
    return form;
  }

  #button(words, label, act) {
    return el("button", { type: "button", "aria-label": label, onclick: act }, words);
  }
}
