// The words of the page of conferences, beside those of a room and of every page.
import en from "/public/words/conferences-en.js";
import zh from "/public/words/conferences-zh.js";
import { learn } from "/public/i18n.js";
import "/public/room/words.js";

learn({ en, zh });

export * from "/public/i18n.js";
