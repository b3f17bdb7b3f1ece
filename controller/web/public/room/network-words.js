// The words of what a room does about a slow network.
import en from "/public/words/network-en.js";
import zh from "/public/words/network-zh.js";
import { learn } from "/screen/i18n.js";

learn({ en, zh });

export * from "/screen/i18n.js";
