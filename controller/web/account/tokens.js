// API tokens: make one (it is shown once), see all, revoke.
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { twice, when } from "./said.js";

const byId = (id) => document.getElementById(id);
const COLUMNS = ["tokens.name", "tokens.scopes", "tokens.state", "tokens.expires", "tokens.last", "tokens.by"];

export class Tokens {
  constructor(table, form, done) {
    Object.assign(this, { table, form, done, told: null });
    form.addEventListener("submit", (event) => this.#make(event));
  }

  async load() {
    const answer = await this.done("GET", "/api/tokens");
    if (answer === undefined) return;
    this.told = answer;
    this.draw();
  }

  draw() {
    if (this.told === null) return;
    const { tokens, scopes } = this.told;
    setText(byId("scopes-hint"), t("tokens.scopes-hint", { types: scopes.join(", ") }));
    const head = el("tr", {}, ...COLUMNS.map((key) => el("th", { scope: "col" }, t(key))), el("td"));
    const none = el("tr", {}, el("td", { colspan: COLUMNS.length + 1 }, t("tokens.none")));
    const rows = tokens.length ? tokens.map((token) => this.#row(token)) : [none];
    this.table.replaceChildren(el("thead", {}, head), el("tbody", {}, ...rows));
  }

  #row(token) {
    const wards = token.wards?.join(", ") ?? t("tokens.all-wards");
    const revoke = el("button", { type: "button", "aria-label": t("tokens.revoke-one", token) }, t("tokens.revoke"));
    twice(revoke, t("tokens.again"), () => this.#revoke(token));
    return el(
      "tr",
      { "data-state": token.state },
      el("th", { scope: "row" }, token.name),
      el("td", {}, el("span", { class: "scopes" }, token.scopes), ` · ${wards}`),
      el("td", {}, t(`tokens.${token.state}`, { by: token.revoked_by })),
      el("td", {}, when(token.expires_utc_s)),
      el("td", {}, token.used_utc_s === null ? t("keys.never") : when(token.used_utc_s)),
      el("td", {}, token.made_by),
      el("td", {}, ...(token.state === "valid" ? [revoke] : [])),
    );
  }

  async #make(event) {
    event.preventDefault();
    const { name, scopes, days, wards } = this.form.elements;
    const named = wards.value.split(",").map((ward) => ward.trim()).filter(Boolean);
    const asked = { name: name.value, scopes: scopes.value.trim(), days: Number(days.value), wards: named.length ? named : null };
    show(byId("made"), false);
    const answer = await this.done("POST", "/api/tokens", asked);
    if (answer === undefined) return;
    this.form.reset();
    setText(byId("made-what"), t("tokens.made", answer));
    setText(byId("token"), answer.token);
    show(byId("made"), true);
    await this.load();
  }

  async #revoke(token) {
    await this.done("DELETE", `/api/tokens/${token.name}`);
    await this.load();
  }
}
