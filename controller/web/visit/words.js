// The words of a visit for who came in by a link, beside those of a room.
import en from "/public/words/visit-en.js";
import zh from "/public/words/visit-zh.js";
import { learn } from "/public/room/words.js";

learn({ en, zh });

export * from "/public/room/words.js";
