// The fields of a record, each with its label; what may be chosen is offered.
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";

export const FIELDS = ["profile", "device", "serial", "asset_tag", "gtin", "address", "gateway", "bed", "calibration_due", "notes"];
const CHOICES = new Set(["profile", "gateway", "bed"]);
const LONGEST = { device: 48, notes: 1000, serial: 64, asset_tag: 40 };

/** Makes a labelled field; its input has the field's name. */
export function field(name) {
  const id = `record-${name}`;
  const input = CHOICES.has(name) ? el("select", { id, name }) : el("input", { id, name, ...kind(name) });
  const label = el("label", { for: id, "data-t": `field.${name}` }, t(`field.${name}`));
  return { node: el("div", { class: name === "notes" ? "wide" : null }, label, input), input };
}

function kind(name) {
  if (name === "calibration_due") return { type: "date", min: "2000-01-01", max: "2099-12-31" };
  const required = name === "device";
  return { type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "none", required, maxlength: LONGEST[name] ?? 64 };
}

/** Fills a select with [value, text] and keeps what is chosen. */
export function offer(select, options, none) {
  const chosen = select.value;
  const wanted = [["", none], ...options];
  const same = select.options.length === wanted.length && wanted.every(([value, text], i) => select.options[i].value === value && select.options[i].text === text);
  if (same) return;
  select.replaceChildren(...wanted.map(([value, text]) => new Option(text, value)));
  select.value = wanted.some(([value]) => value === chosen) ? chosen : "";
}

/** A name for a new device: its profile and the end of what tells it from others. */
export function proposed(profile, { serial, address }) {
  const tail = (serial || address.replaceAll(":", "")).toLowerCase().replaceAll(/[^a-z0-9.-]+/g, "-");
  return [profile || "device", tail].filter(Boolean).join("-").slice(-48).replace(/^[^a-z0-9]+/, "");
}
