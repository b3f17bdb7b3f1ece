// Who could see the pictures besides those who are in the room, plainly: nobody on the way, which a short code for
// each connection lets two people check by reading it to each other; or the hospital's server, which passes them on.
import { el, keep, setText, show } from "/screen/dom.js";
import en from "/public/words/privacy-en.js";
import zh from "/public/words/privacy-zh.js";
import { learn, t } from "/screen/i18n.js";

learn({ en, zh });

export class Privacy {
  constructor(node) {
    this.node = node;
  }

  /** `room` as it is told; `links` by seat. */
  draw({ seats, me, mode }, links) {
    const others = seats.filter((one) => one.seat !== me);
    show(this.node, others.length > 0);
    setText(this.node.querySelector("summary"), t(`privacy.${mode}`));
    setText(this.node.querySelector(".means"), t(`privacy.${mode}-means`));
    const codes = mode === "mesh" ? others.filter((one) => links.get(one.seat)?.code) : [];
    keep(this.node.querySelector(".codes"), codes, (one) => one.seat, () => el("li", {}, el("span"), " ", el("b")), (row, one) => {
      setText(row.firstElementChild, t("privacy.with", { name: one.name }));
      setText(row.lastElementChild, links.get(one.seat).code);
    });
  }
}
