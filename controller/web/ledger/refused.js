// Messages that could not be used: whose, why, how large, when; each can be downloaded as it came.
import { ago, count, when } from "./told.js";
import { el, setText } from "/screen/dom.js";
import { head, keepRows, noted } from "./table.js";
import { named, t } from "/public/i18n.js";

const COLUMNS = ["refused.last", "ledger.gateway", "refused.block", "refused.reason", "refused.size", "refused.times", "refused.file"];

export class Refused {
  constructor(table) {
    Object.assign(this, { table, messages: [] });
  }

  show(messages, now) {
    this.messages = messages;
    this.update(now);
  }

  update(now) {
    const makeHead = () => head(COLUMNS, new Set(["refused.size", "refused.times"]));
    keepRows(this.table, makeHead, this.messages, (one) => one.id, make, (node, one) => update(node, one, now));
  }
}

function make(message) {
  const file = el("a", { href: `/api/quarantine/${message.id}/message`, download: "" });
  const cells = [el("td"), el("td"), el("td"), el("td", { class: "why" }), el("td", { class: "count" }), el("td", { class: "count" }), el("td", {}, file)];
  return el("tbody", {}, el("tr", {}, ...cells));
}

function update(node, message, now) {
  const [last, gateway, block, reason, size, times, file] = node.firstChild.children;
  noted(last, ago(message.last_ms, now), when(message.last_ms));
  noted(gateway, message.gateway || "–", message.topic);
  noted(block, message.number === null ? "–" : `${t(`lane.${message.lane}`)} ${message.number}`, message.journal ?? "");
  noted(reason, named("refused", message.reason), message.detail);
  setText(size, t("refused.bytes", { n: count(message.size) }));
  setText(times, count(message.times));
  setText(file.firstChild, t("refused.download"));
  file.firstChild.ariaLabel = t("refused.download-one", { n: message.id });
}
