// Keys to sign with, as a list: since when, until when, what became of each; and taking one back, with a reason.
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";

const REASONS = ["lost", "compromised", "left"];
const when = (utcSeconds) => moment(utcSeconds * 1000);

/** The row of a SigningKeyView; `revoke(serial, reason)` takes it back. */
export function keyRow(one, revoke) {
  const roles = one.roles.map((role) => named("role", role)).join(", ");
  const about = t("signing.about-key", { from: when(one.made_utc_s), to: when(one.expires_utc_s), roles });
  const name = t("signing.serial", { serial: one.serial.slice(0, 12) });
  const node = el("li", { "data-state": one.state }, el("p", {}, el("b", {}, name), el("span", {}, about), el("span", {}, ended(one))));
  if (one.state !== "revoked") node.append(...revoking((reason) => revoke(one.serial, reason), name));
  return node;
}

function ended(one) {
  if (one.state === "active") return "";
  const reason = one.reason && t(`signing.reason-${one.reason}`);
  return t(`signing.ended-${one.state}`, { when: when(one.changed_utc_s), reason });
}

function revoking(revoke, name) {
  const options = REASONS.map((reason) => el("option", { value: reason }, t(`signing.reason-${reason}`)));
  const reason = el("select", { "aria-label": `${t("signing.reason")} ${name}` }, el("option", { value: "" }, t("signing.reason")), ...options);
  const button = el("button", { type: "button", disabled: true, "aria-label": `${t("signing.revoke")} ${name}` }, t("signing.revoke"));
  reason.addEventListener("change", () => (button.disabled = reason.value === ""));
  button.addEventListener("click", () => revoke(reason.value));
  return [reason, button];
}
