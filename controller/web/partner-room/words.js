// The words of a conference for who comes from a partner hospital, beside those of a room.
import en from "/public/words/partners-en.js";
import zh from "/public/words/partners-zh.js";
import { learn } from "/public/room/words.js";
import "/public/cases/words.js";

learn({ en, zh });

export * from "/public/room/words.js";
