// The words of recordings, in the room and where they are looked at.
import en from "/public/words/recording-en.js";
import zh from "/public/words/recording-zh.js";
import { learn } from "/screen/i18n.js";

learn({ en, zh });

export * from "/screen/i18n.js";
