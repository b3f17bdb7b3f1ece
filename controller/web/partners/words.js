// The words of partner hospitals, beside those of every page.
import en from "/public/words/partners-en.js";
import zh from "/public/words/partners-zh.js";
import { learn } from "/public/i18n.js";

learn({ en, zh });

export * from "/public/i18n.js";
