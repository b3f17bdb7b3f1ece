// The words of a patient's page: plain ones, in both languages, and nothing of the hospital's own pages.
import en from "/public/words/my-en.js";
import recordEn from "/public/words/my-record-en.js";
import recordZh from "/public/words/my-record-zh.js";
import zh from "/public/words/my-zh.js";
import { learn } from "/screen/i18n.js";

learn({ en: { ...en, ...recordEn }, zh: { ...zh, ...recordZh } });

export * from "/screen/i18n.js";
