// What an expert says of themselves in the directory: specialities, languages, hours of the week, days away.
import { changed } from "./said.js";
import { done } from "/people/page.js";
import { el, setText } from "/screen/dom.js";
import { languageTag, t } from "./words.js";
import { specialityName } from "./experts.js";

const MONDAY = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;
const OWN = "/api/experts/me";

export class Me {
  #told = null;

  /** `path`: whose line of the directory it is; one's own. */
  constructor(node, path = OWN) {
    Object.assign(this, { node, path, place: node.querySelector("div") });
    node.addEventListener("toggle", () => node.open && this.#told === null && this.#read());
  }

  async #read() {
    const answer = await done("GET", this.path);
    if (answer === undefined) return;
    this.#told = answer;
    this.draw();
  }

  draw() {
    if (this.#told === null) return;
    const { profile, specialities } = this.#told;
    const zone = profile?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const input = (name, key, value, more = {}) => el("label", {}, t(key), " ", el("input", { name, value, maxlength: "200", ...more }));
    const boxes = specialities.map((one) => el("label", { class: "check" }, el("input", { type: "checkbox", name: "speciality", value: one.code, checked: profile?.specialities.includes(one.code) ?? false }), specialityName(one)));
    const away = el("textarea", { name: "away", rows: "2", "aria-label": t("mc.away"), placeholder: "2026-12-24 2026-12-26" });
    away.value = (profile?.away ?? []).map((one) => `${one.from_day} ${one.to_day}`).join("\n");
    const said = el("p", { class: "good", role: "status" });
    const form = el(
      "form",
      {},
      input("display", "mc.display", profile?.display ?? "", { required: true, maxlength: "120" }),
      el("fieldset", {}, el("legend", {}, t("mc.specialities")), ...boxes),
      input("hospital", "mc.hospital", profile?.hospital ?? ""),
      input("languages", "mc.languages", profile?.languages.join(", ") ?? ""),
      input("takes", "mc.takes", profile?.takes ?? ""),
      input("zone", "mc.zone", zone, { required: true }),
      el("fieldset", {}, el("legend", {}, t("mc.week")), el("div", { class: "week" }, ...this.#week(profile?.hours ?? []))),
      el("label", {}, t("mc.away"), away),
      el("label", { class: "check" }, el("input", { type: "checkbox", name: "partners", checked: profile?.for_partners ?? false, disabled: this.path !== OWN }), t("mc.partners")),
      el("button", { class: "primary" }, t("mc.save-me")),
      said,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(form, said);
    });
    this.place.replaceChildren(form);
  }

  /** One span a day on this page; more than one is kept by who says so over the API. */
  #week(hours) {
    return Array.from({ length: 7 }, (_, day) => {
      const name = new Date(MONDAY + day * DAY_MS).toLocaleDateString(languageTag(), { weekday: "long", timeZone: "UTC" });
      const one = hours.find((span) => span.day === day);
      const time = (key, minutes) => el("label", {}, t(`mc.${key}`, { day: name }), el("input", { type: "time", name: `${key}-${day}`, value: minutes === undefined ? "" : clock(minutes) }));
      return el("div", {}, time("from", one?.from_min), time("until", one?.to_min));
    });
  }

  async #save(form, said) {
    const fields = form.elements;
    const away = fields.away.value.split("\n").filter((line) => line.trim()).map((line) => line.trim().split(/[\s,]+/));
    if (away.some((pair) => pair.length !== 2)) return setText(document.getElementById("problem"), t("mc.bad-away"));
    const body = {
      display: fields.display.value.trim(),
      specialities: [...form.querySelectorAll("[name=speciality]:checked")].map((one) => one.value),
      hospital: fields.hospital.value.trim(),
      languages: fields.languages.value.split(/[\s,]+/).filter(Boolean),
      takes: fields.takes.value.trim(),
      zone: fields.zone.value.trim(),
      hours: this.#hours(fields),
      away: away.map(([from, to]) => ({ from_day: from, to_day: to })),
      for_partners: fields.partners.checked,
    };
    const answer = await changed("PUT", this.path, body, this.#told.revision, () => this.#read());
    if (answer === undefined) return undefined;
    this.#told = answer;
    return setText(said, t("mc.saved"));
  }

  #hours(fields) {
    const days = Array.from({ length: 7 }, (_, day) => ({ day, from_min: minutes(fields[`from-${day}`].value), to_min: minutes(fields[`until-${day}`].value) }));
    // Until midnight is the end of the day, not its begin.
    return days.filter((one) => one.from_min !== null && one.to_min !== null).map((one) => ({ ...one, to_min: one.to_min === 0 ? 1440 : one.to_min }));
  }
}

function clock(total) {
  return `${String(Math.floor(total / 60) % 24).padStart(2, "0")}:${String(total % 60).padStart(2, "0")}`;
}

function minutes(text) {
  if (text === "") return null;
  const [hour, minute] = text.split(":").map(Number);
  return hour * 60 + minute;
}
