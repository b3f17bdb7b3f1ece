// Asks a person again before something that cannot be undone, or that moves or stops machines.
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";

/** Whether the person says so. The way back has the focus. */
export function confirmed(title, text, act) {
  return new Promise((resolve) => {
    const close = () => node.close();
    const yes = el("button", { type: "button", class: "danger large", onclick: () => node.close("yes") }, act);
    const back = el("button", { type: "button", class: "large", autofocus: true, onclick: close }, t("confirm.back"));
    const node = el("dialog", { class: "confirm", "aria-label": title }, el("h2", {}, title), el("p", {}, text), el("div", { class: "row" }, back, yes));
    node.addEventListener("close", () => {
      node.remove();
      resolve(node.returnValue === "yes");
    });
    document.body.append(node);
    node.showModal();
  });
}
