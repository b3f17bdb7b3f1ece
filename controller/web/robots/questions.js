// What somebody has to see to, since when, and who it concerns.
import { age } from "/screen/format.js";
import { change } from "/prescriptions/asking.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { whyOf } from "./why.js";

export class Questions {
  constructor(section, onChanged) {
    Object.assign(this, { section, onChanged, may: false });
    this.list = section.querySelector("ul");
    this.problem = section.querySelector(".problem");
  }

  person(me) {
    this.may = me.permissions.includes("robots:ask");
    this.redraw();
  }

  redraw() {
    this.list.replaceChildren();
  }

  draw(found, now) {
    show(this.section, found.length > 0);
    keep(this.list, found, (one) => String(one.number), (one) => this.#item(one), (node, one) => {
      setText(node.querySelector(".age"), t("age.ago", { age: age(Math.max(0, now - one.at_ms)) }));
    });
  }

  #item(one) {
    const seen = async () => {
      await change(this.problem, "PUT", `/api/robots/questions/${one.number}/seen-to`);
      this.onChanged();
    };
    const words = whyOf(one);
    return el(
      "li",
      { "data-question": one.number },
      el("strong", {}, words),
      el("span", {}, [one.robot, one.transport].filter((name) => name && !words.includes(name)).join(" · ")),
      el("span", { class: "age soft" }),
      ...(this.may ? [el("button", { type: "button", "aria-label": `${t("robots.seen-to")}: ${words}`, onclick: seen }, t("robots.seen-to"))] : []),
    );
  }
}
