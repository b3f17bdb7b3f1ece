// A person's keys to sign with, for an administrator: seen, and taken back.
import { done } from "./page.js";
import { el } from "/screen/dom.js";
import { keyRow } from "/signing/list.js";
import { t } from "/public/i18n.js";

const SIGN = ["physician", "pharmacist", "radiology"];

/** Whether this person may have a key. */
export const signs = (one) => one.roles.some((role) => SIGN.includes(role));

/** Shows the keys of `user` in `dialog`, whose last child is `closing`. */
export async function showKeys(user, dialog, closing) {
  const path = `/api/people/${encodeURIComponent(user)}/signing`;
  const held = await done("GET", path);
  if (held === undefined) return;
  const revoke = async (serial, reason) => {
    if ((await done("PUT", `${path}/${serial}/revoked`, { reason })) === undefined) return dialog.close();
    await showKeys(user, dialog, closing);
  };
  const rows = held.keys.map((one) => keyRow(one, revoke));
  const list = rows.length ? el("ul", { class: "signing-keys" }, ...rows) : el("p", {}, t("signing.person-none", { user }));
  dialog.replaceChildren(el("h2", { id: "edit-title" }, t("signing.of", { user })), list, closing);
  if (!dialog.open) dialog.showModal();
}
