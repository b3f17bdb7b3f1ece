// The dialog that shows what a key is unlocked for, and unlocks it: by passkey or by passphrase.
import { el, setText, show } from "/screen/dom.js";
import { NoSecret, secretOfPassphrase, secretOfPasskey } from "./secrets.js";
import { ask } from "/public/ask.js";
import { follow, told } from "/people/page.js";
import { t } from "/public/i18n.js";
import { unwrapped } from "./key.js";

/**
 * Asks the person for their key: {key, known, now}, or null when they would not. `known` is what the controller
 * keeps of it, `now()` its time, UTC in seconds. `body`: the node that is shown above. `action`: the button's words.
 */
export async function unlocked({ title, body, action, extractable = false }) {
  const began = performance.now();
  const answer = await ask("GET", "/api/signing/unlock");
  follow(answer);
  const dialog = new Dialog(title, body, action);
  if (!answer.ok) dialog.cannot(answer.code === "not-found" ? t("signing.no-key") : told(answer));
  else dialog.offer(answer.data, extractable);
  const key = await dialog.outcome;
  const now = () => answer.data.utc_s + Math.floor((performance.now() - began) / 1000);
  return key === null ? null : { key, known: answer.data, now };
}

class Dialog {
  constructor(title, body, action) {
    this.problem = el("p", { class: "problem", role: "alert" });
    this.ways = el("div", { class: "ways" });
    this.action = action;
    const cancel = el("button", { type: "button", class: "cancel", onclick: () => this.#end(null) }, t("signing.cancel"));
    this.node = el(
      "dialog",
      { class: "signing", "aria-labelledby": "signing-dialog-title" },
      el("h2", { id: "signing-dialog-title" }, title),
      el("div", { class: "shown", tabindex: 0, role: "region", "aria-label": title }, body),
      this.problem,
      this.ways,
      cancel,
    );
    this.node.addEventListener("close", () => this.#end(null));
    const { promise, resolve } = Promise.withResolvers();
    Object.assign(this, { outcome: promise, resolve, locked: () => this.#end(null) });
    document.addEventListener("wardlink-locked", this.locked);
    document.body.append(this.node);
    this.node.showModal();
  }

  cannot(words) {
    setText(this.problem, words);
    this.ways.replaceChildren(el("a", { class: "button", href: "/account" }, t("signing.to-account")));
  }

  offer(known, extractable) {
    const passkeys = known.wraps.filter((one) => one.kind === "passkey");
    const phrase = known.wraps.find((one) => one.kind === "passphrase");
    const open = (wrap, secret) => unwrapped(wrap, secret, known.jwk, extractable);
    if (passkeys.length) this.ways.append(this.#passkey(known.rp, passkeys, open));
    if (phrase) this.ways.append(this.#passphrase(phrase, open));
    if (!passkeys.length && !phrase) return this.cannot(t("signing.no-way"));
    this.ways.prepend(el("p", { class: "soft" }, t("signing.as", { user: known.person, serial: known.serial.slice(0, 12) })));
    this.ways.querySelector("input, button").focus();
  }

  #passkey(rp, wraps, open) {
    const salts = Object.fromEntries(wraps.map((one) => [one.credential, one.salt]));
    const button = el("button", { type: "button", class: "primary" }, t("signing.by-passkey", { action: this.action }));
    button.addEventListener("click", () =>
      this.#try(async () => {
        const { credential, secret } = await secretOfPasskey(rp, salts);
        return open(wraps.find((one) => one.credential === credential), secret);
      }),
    );
    return button;
  }

  #passphrase(wrap, open) {
    const input = el("input", { id: "signing-phrase", type: "password", required: true, maxlength: 1024, autocomplete: "off" });
    const form = el("form", {}, el("label", { for: "signing-phrase" }, t("signing.passphrase")), input, el("button", { class: "primary" }, this.action));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#try(async () => open(wrap, await secretOfPassphrase(input.value, wrap.salt, wrap.iterations)));
    });
    return form;
  }

  async #try(open) {
    setText(this.problem, "");
    this.#busy(true);
    try {
      this.#end(await open());
    } catch (error) {
      setText(this.problem, said(error));
    } finally {
      this.#busy(false);
    }
  }

  #busy(busy) {
    for (const one of this.ways.querySelectorAll("button, input")) one.disabled = busy;
    show(this.ways, true);
  }

  /** Whatever comes first counts: closing it comes again. */
  #end(key) {
    this.resolve(key);
    document.removeEventListener("wardlink-locked", this.locked);
    this.node.remove();
  }
}

/** Why a key was not unlocked, in words. Another kind of error is a defect, and stays one. */
export function said(error) {
  if (error instanceof NoSecret) return t(`signing.${error.code}`);
  if (error.name === "OperationError") return t("signing.wrong");
  throw error;
}
