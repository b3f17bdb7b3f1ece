// What a GTIN is, and which batches are not to be used.
import { asked, change } from "/prescriptions/asking.js";
import { el, setText } from "/screen/dom.js";
import { gtinField } from "./scanning.js";
import { MedicineSearch, strengths } from "/prescriptions/search.js";
import { t } from "/public/i18n.js";

const byId = (id) => document.getElementById(id);
const COLUMNS = ["gtin-short", "what-it-is", "contains", "alert"];

export class Products {
  constructor() {
    this.held = null;
    this.search = new MedicineSearch(byId("record-medicine"), byId("record-found"), byId("record-chosen"), (one) => this.#chosen(one));
    gtinField(byId("record-gtin"), byId("record-problem"));
    gtinField(byId("recall-gtin"), byId("recall-problem"), (pack) => (byId("recall-batch").value = pack.batch));
    for (const [id, act] of [["record", () => this.#record()], ["recall", () => this.#recall()]]) {
      byId(id).addEventListener("submit", (event) => {
        event.preventDefault();
        act();
      });
    }
  }

  async read() {
    const answer = await asked("GET", "/api/pharmacy/products");
    if (!answer.ok) return;
    this.held = answer.data.products;
    this.draw();
  }

  draw() {
    this.search.draw();
    if (this.held === null) return;
    const head = COLUMNS.map((name) => el("th", { scope: "col" }, t(`pharmacy.${name}`)));
    byId("product-list").replaceChildren(el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...this.held.map(row)));
  }

  /** Of the formulary it is known whether two people check it, and sometimes its GTIN. */
  #chosen(one) {
    byId("record-alert").checked = one?.high_alert ?? false;
    if (one?.gtin && byId("record-gtin").value === "") byId("record-gtin").value = one.gtin;
  }

  async #record() {
    const gtin = byId("record-gtin").scanned();
    const body = { medicine: this.search.chosen.medicine, high_alert: byId("record-alert").checked };
    const answer = await change(byId("record-problem"), "PUT", `/api/pharmacy/products/${encodeURIComponent(gtin)}`, body);
    setText(byId("record-said"), answer.ok ? t("pharmacy.recorded", { gtin }) : "");
    if (!answer.ok) return;
    byId("record").reset();
    this.search.take(null);
    await this.read();
    byId("record-gtin").focus();
  }

  async #recall() {
    const body = { gtin: byId("recall-gtin").scanned(), batch: byId("recall-batch").value.trim(), why: byId("recall-why").value.trim() };
    const answer = await change(byId("recall-problem"), "POST", "/api/pharmacy/recalls", body);
    setText(byId("recall-said"), answer.ok ? t("pharmacy.recalled", { ...body, n: answer.data.prescriptions }) : "");
    if (answer.ok) byId("recall").reset();
  }
}

function row({ gtin, medicine, high_alert: alert }) {
  return el("tr", {}, el("th", { scope: "row" }, gtin), el("td", {}, medicine.code.display), el("td", {}, [strengths(medicine), medicine.form].filter(Boolean).join(" · ")), el("td", { class: alert ? "held" : null }, t(alert ? "doc.yes" : "pharmacy.no")));
}
