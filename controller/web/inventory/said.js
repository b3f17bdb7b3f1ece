// What to tell a person of a request that failed; what is no refusal and no lost connection is a fault of this page.
import { t } from "/public/i18n.js";

export function said(error) {
  if (error.name === "Refusal") return error.message;
  if (error instanceof TypeError && /fetch|network/i.test(error.message)) return t("inventory.unreachable");
  throw error;
}
