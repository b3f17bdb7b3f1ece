// The words of a room, for staff and for who came in by a link.
import en from "/public/words/room-en.js";
import zh from "/public/words/room-zh.js";
import { learn } from "/screen/i18n.js";

learn({ en, zh });

export * from "/screen/i18n.js";
