// The words of the visits' page, beside those of a room and of every page.
import en from "/public/words/visits-en.js";
import zh from "/public/words/visits-zh.js";
import { learn } from "/public/i18n.js";
import "/public/room/words.js";

learn({ en, zh });

export * from "/public/i18n.js";
