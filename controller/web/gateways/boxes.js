// Boxes that say in the local network that they wait for their claim: each a card that fills in the form.
import { el, keep, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";

export class Boxes {
  /** `onClaim(box)` is called when a box's claim is to be made. */
  constructor(node, onClaim) {
    Object.assign(this, { node, onClaim, cards: node.querySelector(".cards") });
  }

  show(boxes) {
    show(this.node, boxes.length > 0);
    keep(this.cards, boxes, (box) => `${box.serial} ${box.address}`, (box) => this.#card(box), (card, box) => {
      setText(card.children[1], box.address || t("boxes.no-page"));
      setText(card.children[2], t("boxes.claim"));
      card.children[2].ariaLabel = t("boxes.claim-of", box);
    });
  }

  #card(box) {
    return el("li", {}, el("b", {}, box.serial), el("span"), el("button", { type: "button", onclick: () => this.onClaim(box) }));
  }
}
