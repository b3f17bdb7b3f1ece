// The words of this page, beside those that every page has: imported first, so that none is asked for before.
import en from "./words/en.js";
import zh from "./words/zh.js";
import { learn } from "/screen/i18n.js";

learn({ en, zh });
