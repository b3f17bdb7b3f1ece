// The words of drawing on pictures in a room.
import en from "/public/words/marks-en.js";
import zh from "/public/words/marks-zh.js";
import { learn } from "/screen/i18n.js";

learn({ en, zh });

export * from "/screen/i18n.js";
