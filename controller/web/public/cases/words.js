// The words of a case's file, for staff and for who came by the word of a partner hospital.
import en from "/public/words/conferences-en.js";
import zh from "/public/words/conferences-zh.js";
import { learn } from "/screen/i18n.js";

learn({ en, zh });

export * from "/screen/i18n.js";
