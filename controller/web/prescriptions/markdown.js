// A small part of Markdown as nodes: paragraphs, lists, headings, strong, emphasis, code. Whatever else there is stays
// text as it was written: nothing becomes HTML, no link and no picture is made.
import { el } from "/screen/dom.js";

// A star ends emphasis only where GitHub's does: the alleles of "*2/*2" keep theirs.
const INLINE = /(?<!\\)\*\*(?=\S)([^*\n]*[^\s*])\*\*|(?<![\w*\\])\*(?=[^\s*])([^*\n]*[^\s*])(?:(?<!\p{P})\*(?![\w*])|\*(?=\s|$))|`([^`\n]+)`/gu;
const ESCAPED = /\\([!-/:-@[-`{-~])/g;
const LIST = /^\s*(?:[-*+]|\d+\.)\s+/;
const MOST = 300;

export function markdown(text) {
  const made = [];
  for (const block of text.replaceAll("\r", "").split(/\n{2,}/).slice(0, MOST)) {
    const lines = block.split("\n").filter((line) => line.trim() !== "");
    let list = null;
    for (const line of lines.slice(0, MOST)) {
      if (LIST.test(line)) {
        if (list === null) made.push((list = el("ul")));
        list.append(el("li", {}, ...inline(line.replace(LIST, ""))));
        continue;
      }
      list = null;
      const head = /^#{1,6}\s+(.*)$/.exec(line);
      made.push(head ? el("p", {}, el("b", {}, head[1])) : el("p", {}, ...inline(line)));
    }
  }
  return made;
}

function inline(text) {
  const made = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > from) made.push(plain(text.slice(from, found.index)));
    made.push(found[1] ? el("b", {}, plain(found[1])) : found[2] ? el("em", {}, plain(found[2])) : el("code", {}, found[3]));
    from = found.index + found[0].length;
  }
  if (from < text.length) made.push(plain(text.slice(from)));
  return made;
}

const plain = (text) => text.replaceAll(ESCAPED, "$1");
