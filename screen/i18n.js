// Chinese and English: t(key, {n: 3}), and every element with data-t (text) or data-t-label (aria-label).
import metricsEn from "./words/metrics-en.js";
import metricsZh from "./words/metrics-zh.js";
import statusesEn from "./words/statuses-en.js";
import statusesZh from "./words/statuses-zh.js";
import scoresEn from "./words/scores-en.js";
import scoresZh from "./words/scores-zh.js";
import shownEn from "./words/shown-en.js";
import shownZh from "./words/shown-zh.js";
import { recall, remember } from "./remember.js";

const WORDS = {
  en: { ...metricsEn, ...statusesEn, ...scoresEn, ...shownEn },
  zh: { ...metricsZh, ...statusesZh, ...scoresZh, ...shownZh },
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

/** Adds words, those of later calls before those of earlier ones: {en: {key: text}, zh: {key: text}}. */
export function learn(words) {
  for (const [tongue, more] of Object.entries(words)) Object.assign(WORDS[tongue], more);
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
