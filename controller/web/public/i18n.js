// Chinese and English: t(key, {n: 3}), and every element with data-t (text) or data-t-label (aria-label).
import arrivalsEn from "./words/arrivals-en.js";
import arrivalsZh from "./words/arrivals-zh.js";
import auditEn from "./words/audit-en.js";
import auditZh from "./words/audit-zh.js";
import en from "./words/en.js";
import gatewaysEn from "./words/gateways-en.js";
import gatewaysZh from "./words/gateways-zh.js";
import inventoryEn from "./words/inventory-en.js";
import inventoryZh from "./words/inventory-zh.js";
import ledgerEn from "./words/ledger-en.js";
import ledgerZh from "./words/ledger-zh.js";
import loginsEn from "./words/logins-en.js";
import loginsZh from "./words/logins-zh.js";
import metricsEn from "./words/metrics-en.js";
import metricsZh from "./words/metrics-zh.js";
import ordersEn from "./words/orders-en.js";
import ordersZh from "./words/orders-zh.js";
import peopleEn from "./words/people-en.js";
import peopleZh from "./words/people-zh.js";
import scoresEn from "./words/scores-en.js";
import scoresZh from "./words/scores-zh.js";
import statusesEn from "./words/statuses-en.js";
import statusesZh from "./words/statuses-zh.js";
import zh from "./words/zh.js";
import { recall, remember } from "./remember.js";

const WORDS = {
  en: { ...metricsEn, ...statusesEn, ...ledgerEn, ...auditEn, ...inventoryEn, ...gatewaysEn, ...ordersEn, ...peopleEn, ...loginsEn, ...scoresEn, ...arrivalsEn, ...en },
  zh: { ...metricsZh, ...statusesZh, ...ledgerZh, ...auditZh, ...inventoryZh, ...gatewaysZh, ...ordersZh, ...peopleZh, ...loginsZh, ...scoresZh, ...arrivalsZh, ...zh },
};
const TAGS = { en: "en", zh: "zh-CN" };
const listeners = new Set();
let language = firstLanguage();

function firstLanguage() {
  const chosen = recall("language");
  if (chosen in WORDS) return chosen;
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in WORDS);
  return known ?? "en";
}

/** The BCP 47 tag of the language in use. */
export function languageTag() {
  return TAGS[language];
}

export function has(key) {
  return key in WORDS[language];
}

/** The words for `key`, with {name} replaced from `parts`. */
export function t(key, parts = {}) {
  const words = WORDS[language][key] ?? WORDS.en[key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? "");
}

/** The words for `prefix.name`, or `name` itself when it is newer than this page. */
export function named(prefix, name) {
  const key = `${prefix}.${name}`;
  return has(key) ? t(key) : name;
}

export function onLanguage(listener) {
  listeners.add(listener);
}

export function setLanguage(chosen) {
  language = chosen;
  remember("language", chosen);
  translate();
  for (const listener of listeners) listener();
}

/** Fills the page's fixed words. */
export function translate(root = document) {
  document.documentElement.lang = TAGS[language];
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.ariaLabel = t(node.dataset.tLabel);
}

/** Makes `button`, which shows the other language's name, switch to it. */
export function languageButton(button) {
  button.addEventListener("click", () => setLanguage(language === "en" ? "zh" : "en"));
}
