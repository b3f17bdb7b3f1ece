// Amounts of money: minor units (cents) of an ISO 4217 currency, as the reader's language writes them.
import { languageTag } from "/screen/i18n.js";

export function money(minor, currency) {
  const style = new Intl.NumberFormat(languageTag(), { style: "currency", currency });
  return style.format(minor / 10 ** style.resolvedOptions().maximumFractionDigits);
}
