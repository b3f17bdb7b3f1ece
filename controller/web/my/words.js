// The words of a patient's page: plain ones, in both languages, and nothing of the hospital's own pages.
import en from "/public/words/my-en.js";
import zh from "/public/words/my-zh.js";
import { learn } from "/screen/i18n.js";

learn({ en, zh });

export * from "/screen/i18n.js";
