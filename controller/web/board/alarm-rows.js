// Active alerts, one row each: how urgent, what, beyond which limit, since when, who has seen it.
import { age } from "/screen/format.js";
import { alarmWords, isUnseen, sawIt } from "./alarms.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";

export class AlarmRows {
  /** Rows in `list`; what was refused is said in `problem`. */
  constructor(list, problem) {
    Object.assign(this, { list, problem, maySee: false });
  }

  /** Who looks. */
  person(me) {
    this.maySee = me.permissions.includes("alarms:see");
  }

  /** `whereOf(alert)`: the bed or device of it, in words. */
  update(alerts, now, whereOf) {
    const keyOf = (alert) => `${alert.gateway} ${alert.device} ${alert.code}`;
    keep(this.list, alerts, keyOf, () => this.#make(), (node, alert) => {
      const [priority, what, since, seen] = node.children;
      setState(node, alert.priority);
      setText(priority, t(`priority.${alert.priority}`));
      setText(what, `${alarmWords(alert)} · ${whereOf(alert)}`);
      setText(since, t("age.ago", { age: age(Math.max(now - alert.at_ms, 0)) }));
      node.alert = alert;
      setText(seen, t("alarm.see"));
      show(seen, this.maySee && isUnseen(alert));
    });
  }

  #make() {
    const node = el("li", {}, el("b"), el("span"), el("span"));
    node.append(el("button", { type: "button", hidden: true, onclick: () => this.#saw(node.alert) }));
    return node;
  }

  async #saw(alert) {
    this.problem.textContent = "";
    try {
      await sawIt(alert);
    } catch (error) {
      this.problem.textContent = error.message;
    }
  }
}
