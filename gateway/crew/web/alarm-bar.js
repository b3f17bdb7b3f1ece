// Alarms as IEC 60601-1-8 shows them: colour and flashing by priority, its sign, words; one touch acknowledges.
import { el, keep, part, setState, setText, show } from "/screen/dom.js";
import { named, t } from "/screen/i18n.js";
import { timer } from "./times.js";

/** IEC 60601-1-8, table C.1: symbols of priority. */
const SIGNS = { high: "!!!", medium: "!!", low: "!" };
const PAUSE_S = 120;
const FLAGS = ["over", "escalated"];
/** What is over only because its device or its value is gone: nobody knows how it is now. */
const UNKNOWN = ["link-lost", "stale"];

export class AlarmBar {
  constructor(node, box, teller, sounder) {
    Object.assign(this, { node, box, teller, sounder });
    this.list = node.querySelector("ul");
    this.none = node.querySelector(".no-alarm");
    this.pause = node.querySelector("#pause");
    this.mute = node.querySelector("#mute");
    this.more = node.querySelector("#more-alarms");
    this.pause.addEventListener("click", () => this.#pause());
  }

  update(now) {
    const { alarms } = this.box;
    keep(this.list, alarms, (one) => one.id, () => this.#make(), (item, one) => updateAlarm(item, one, this.box.isHeard(one)));
    show(this.none, alarms.length === 0 && this.box.known);
    this.#updatePause(this.box.pausedFor(now));
    show(this.mute, !this.sounder.may);
    this.#updateMore();
  }

  /** How many more there are than can be seen: they are found by a swipe. */
  #updateMore() {
    const { left, right } = this.list.getBoundingClientRect();
    const hidden = [...this.list.children].filter((item) => {
      const box = item.getBoundingClientRect();
      return (box.left + box.right) / 2 > right || (box.left + box.right) / 2 < left;
    }).length;
    setText(this.more.firstChild, t("alarm.more", { n: hidden }));
    setText(this.more.lastChild, t("alarm.more-label", { n: hidden }));
    show(this.more, hidden > 0);
  }

  #make() {
    const button = el("button", { type: "button", class: "alarm" }, el("b", { class: "lamp", "aria-hidden": "true" }), el("span", { class: "alarm-words" }), el("span", { class: "alarm-state" }));
    button.addEventListener("click", () => this.#seen(button.dataset));
    return el("li", {}, button);
  }

  /** What the box gave no number is technical: it is silent on this screen until it ends. */
  #seen({ id, number, seen }) {
    if (seen === "true") return;
    if (number) this.teller.send("POST", `/api/alarms/${encodeURIComponent(number)}/seen`, {});
    else this.box.hush(id);
  }

  #pause() {
    const paused = this.pause.dataset.state === "paused";
    this.teller.send("POST", "/api/alarms/pause", { seconds: paused ? 0 : PAUSE_S });
  }

  #updatePause(left) {
    setState(this.pause, left > 0 ? "paused" : "on");
    setText(part(this.pause, "span"), left > 0 ? t("alarm.paused", { left: timer(left + 999) }) : t("alarm.pause"));
  }
}

function updateAlarm(item, alarm, heard) {
  const button = part(item, "button");
  Object.assign(button.dataset, { id: alarm.id, number: alarm.number ?? "", seen: !heard });
  button.dataset.priority = alarm.priority;
  setText(part(item, ".lamp"), SIGNS[alarm.priority]);
  setText(part(item, ".alarm-words"), alarmText(alarm));
  setText(part(item, ".alarm-state"), heard ? t("alarm.touch") : seenText(alarm));
}

/** Who has seen it; nobody's name where only this screen was silenced. */
function seenText({ by, crew }) {
  return by ? t(crew ? "alarm.seen-here" : "alarm.seen-hospital", { by }) : t("alarm.seen");
}

/** "HIGH · SpO₂ very low · 78 (limit 80) · nobody reacted" */
export function alarmText(alarm) {
  const beyond = alarm.value === null || alarm.value === undefined ? [] : [t("alarm.beyond", alarm)];
  const why = UNKNOWN.includes(alarm.detail?.why) ? alarm.detail.why : "over";
  const flags = FLAGS.filter((name) => alarm[name]).map((name) => t(`alarm.${name === "over" ? why : name}`));
  const device = beyond.length || !alarm.device ? [] : [alarm.device];
  return [t(`priority.${alarm.priority}`), named("alert", alarm.code), ...beyond, ...device, ...flags].join(" · ");
}
