// The report of one order: every version, and the form for the next one, which is signed with a proof.
import { done } from "/people/page.js";
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";
import { viewer } from "./said.js";

const STEPS = ["partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled", "entered-in-error"];
const TO_DO = new Set(["draft", "active", "on-hold"]);
const SIGNED = new Set(["final", "amended", "corrected", "appended"]);

export class Report {
  constructor(section, onWritten) {
    Object.assign(this, { section, onWritten, held: null, port: null, may: new Set() });
  }

  person(me) {
    this.may = new Set(me.permissions);
  }

  /** Whether there is one that may be seen. */
  async open(accession) {
    const held = await done("GET", `/api/imaging/orders/${accession}/report`);
    if (held === undefined) return false;
    this.held = held;
    this.draw();
    return true;
  }

  draw() {
    if (this.held === null) return;
    const { order, versions, possible } = this.held;
    const kept = this.#given();
    const writes = this.may.has("imaging:report") && possible.length > 0;
    this.section.replaceChildren(
      el("h2", {}, `${order.patient.name} · ${order.modality} ${order.part}`),
      el("p", { class: "soft" }, t("report.about", { accession: order.accession, reason: order.reason, by: order.placed_by })),
      el("p", { class: "row" }, ...this.#ways()),
      ...(this.may.has("imaging:write") && TO_DO.has(order.state) ? [this.#scheduling()] : []),
      ...(writes ? [this.#form()] : []),
      el("h3", {}, t("report.versions")),
      ...(versions.length === 0 ? [el("p", { class: "soft" }, t("report.none"))] : []),
      el("ul", { class: "waiting versions" }, ...versions.map(version)),
    );
    for (const [id, value] of kept) {
      const input = document.getElementById(id);
      if (input !== null && input.type !== "checkbox") input.value = value;
    }
  }

  #ways() {
    const { order, versions } = this.held;
    const ways = [];
    if (order.arrived_ms !== null && this.port !== null) ways.push(el("a", { class: "button", href: viewer(this.port, order.study) }, t("report.images")));
    if (versions.some((one) => one.signed)) ways.push(el("a", { class: "button", href: `/api/imaging/orders/${order.accession}/report/signed`, download: "" }, t("report.file")));
    return ways;
  }

  /** Which device does it, and when. */
  #scheduling() {
    const { order } = this.held;
    const station = el("input", { value: order.station, maxlength: 16, autocomplete: "off", spellcheck: "false" });
    const when = el("input", { type: "datetime-local", value: moment(order.scheduled_ms).replace(" ", "T").slice(0, 16), required: true });
    const form = el(
      "form",
      { class: "row scheduling", "aria-label": t("report.schedule") },
      field("schedule-station", t("orders.station"), station),
      field("schedule-when", t("orders.column-when"), when),
      el("button", { type: "submit" }, t("report.schedule")),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = { station: station.value.trim(), scheduled_ms: new Date(when.value).getTime() };
      const path = `/api/imaging/orders/${order.accession}/schedule`;
      const changed = await done("PUT", path, body, { "If-Match": `"${order.revision}"` });
      if (changed === undefined) return;
      this.held.order = changed;
      await this.onWritten();
      this.draw();
      document.getElementById("schedule-station").focus();
    });
    return form;
  }

  #form() {
    const { possible, versions } = this.held;
    const [newest] = versions;
    const wasSigned = newest !== undefined && SIGNED.has(newest.state);
    const state = el("select", {}, ...STEPS.filter((one) => possible.includes(one)).map((one) => el("option", { value: one }, named("report.state", one))));
    const critical = el("input", { type: "checkbox", id: "report-critical" });
    critical.checked = newest?.critical ?? false;
    const proof = field("report-password", t("report.password"), el("input", { type: "password", autocomplete: "current-password", maxlength: 1024 }));
    const form = el(
      "form",
      { class: "writing", "aria-label": t("report.write") },
      field("report-findings", t("report.findings"), area(newest?.findings ?? "", 10000, 6)),
      field("report-conclusion", t("report.conclusion"), area(newest?.conclusion ?? "", 2000, 3)),
      el("div", { class: "check" }, critical, el("label", { for: "report-critical" }, t("report.critical"))),
      field("report-state", t("report.becomes"), state),
      ...(wasSigned ? [field("report-why", t("worklist.why"), el("input", { maxlength: 200, required: true, autocomplete: "off" }))] : []),
      proof,
      el("button", { type: "submit", class: "primary" }, t("report.save")),
    );
    const adapt = () => (proof.hidden = !(wasSigned || SIGNED.has(state.value)));
    state.addEventListener("change", adapt);
    adapt();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#write(critical.checked, proof.hidden);
    });
    return form;
  }

  async #write(critical, isUnsigned) {
    const given = Object.fromEntries(this.#given().map(([id, value]) => [id.replace("report-", ""), value]));
    const { findings, conclusion, state, why = "", password } = given;
    const body = { findings, conclusion, state, why: why.trim(), critical, ...(isUnsigned ? {} : { password }) };
    const path = `/api/imaging/orders/${this.held.order.accession}/report`;
    const held = await done("PUT", path, body, { "If-Match": `"${this.held.version}"` });
    document.getElementById("report-password").value = "";
    if (held === undefined) return;
    this.held = held;
    this.section.replaceChildren();
    this.draw();
    await this.onWritten();
    document.getElementById("tab-report").focus();
  }

  #given() {
    return [...this.section.querySelectorAll(".writing :is(input:not([type=checkbox]), textarea, select)")].map((one) => [one.id, one.value]);
  }
}

function version(one) {
  return el(
    "li",
    { "data-critical": String(one.critical) },
    el("h4", {}, t("report.version", { n: one.version, state: named("report.state", one.state) })),
    ...(one.critical ? [el("span", { class: "critical" }, t("notices.critical"))] : []),
    ...(one.findings ? [el("p", { class: "text" }, one.findings)] : []),
    ...(one.conclusion ? [el("p", { class: "text" }, el("strong", {}, one.conclusion))] : []),
    ...(one.why ? [el("span", { class: "note" }, t("report.why", { why: one.why }))] : []),
    el("span", { class: "note" }, t(one.signed ? "report.signed" : "report.written", { by: one.by, when: moment(one.at_ms) })),
  );
}

function area(text, longest, rows) {
  const node = el("textarea", { maxlength: longest, rows });
  node.value = text;
  return node;
}

function field(id, label, input) {
  input.id = id;
  return el("div", {}, el("label", { for: id }, label), input);
}
