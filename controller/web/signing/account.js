// The key with which one signs, on the page of one's account: make it, make another, add a passkey, revoke it.
import { el, setText, show } from "/screen/dom.js";
import { ITERATIONS, newSalt, secretOfPassphrase, secretOfPasskey } from "./secrets.js";
import { ask } from "/public/ask.js";
import { canonical } from "./canonical.js";
import { keyRow } from "./list.js";
import { newKey, publicJwk, signed, wrapped } from "./key.js";
import { said, unlocked } from "./unlock.js";
import { t } from "/public/i18n.js";

const byId = (id) => document.getElementById(id);
const SHORTEST = 12; // letters of a passphrase

export class SigningKey {
  /** `done` asks the controller, and shows a refusal. */
  constructor(section, done) {
    Object.assign(this, { section, done, held: null, me: null });
    byId("signing-make").addEventListener("submit", (event) => this.#submitted(event));
    byId("signing-way").addEventListener("change", () => this.#adapt());
  }

  async load(me) {
    this.me = me;
    const held = await this.done("GET", "/api/signing/keys");
    if (held === undefined) return;
    const { passkeys } = (await ask("GET", "/api/passkeys")).data ?? { passkeys: [] };
    // Whoever has no passkey is not offered first what would only be refused.
    const unlock = ["passphrase", "passkey"].filter((one) => held.unlock.includes(one));
    this.held = passkeys.length > 0 ? held : { ...held, unlock };
    show(this.section, true);
    this.draw();
  }

  draw() {
    if (this.held === null) return;
    const { keys, unlock } = this.held;
    const active = keys.find((one) => one.state === "active");
    setText(byId("signing-state"), t(active ? "signing.has" : "signing.none"));
    byId("signing-keys").replaceChildren(...keys.map((one) => keyRow(one, (serial, reason) => this.#revoke(serial, reason))));
    setText(byId("signing-make-title"), t(active ? "signing.rotate" : "signing.make"));
    setText(byId("signing-do"), t(active ? "signing.rotate" : "signing.make"));
    const ways = [...unlock, ...(active && unlock.includes("passkey") ? ["add"] : [])];
    byId("signing-way").replaceChildren(...ways.map((one) => el("option", { value: one }, t(`signing.way-${one}`))));
    show(byId("signing-password-row"), this.me.password);
    this.#adapt();
  }

  async #revoke(serial, reason) {
    await this.done("PUT", `/api/signing/keys/${serial}/revoked`, { reason });
    await this.load(this.me);
  }

  #adapt() {
    const isPhrase = byId("signing-way").value === "passphrase";
    show(byId("signing-phrases"), isPhrase);
    for (const input of byId("signing-phrases").querySelectorAll("input")) input.required = isPhrase;
    const active = this.held?.keys.some((one) => one.state === "active");
    const key = byId("signing-way").value === "add" ? "signing.way-add" : active ? "signing.rotate" : "signing.make";
    setText(byId("signing-do"), t(key));
  }

  async #submitted(event) {
    event.preventDefault();
    setText(byId("signing-said"), "");
    setText(byId("problem"), "");
    const { way, password } = event.target.elements;
    const proof = this.me.password ? { password: password.value } : {};
    try {
      const words = way.value === "add" ? await this.#add(proof) : await this.#make(event.target.elements, proof);
      if (words === null) return;
      event.target.reset();
      await this.load(this.me);
      setText(byId("signing-said"), words);
    } catch (error) {
      setText(byId("problem"), said(error));
    }
  }

  /** A new key, in place of the one there is. Returns what to say; null: the problem is told. */
  async #make({ way, phrase, again, password }, proof) {
    if (way.value === "passphrase") {
      const wrong = fault(phrase.value, again.value, password.value);
      if (wrong) return problem(wrong);
    }
    const secret = way.value === "passphrase" ? await byPhrase(phrase.value) : await this.#byPasskey([]);
    if (secret === null) return problem("signing.no-passkey");
    const { opens, ...kept } = secret;
    const pair = await newKey();
    const jwk = await publicJwk(pair);
    const given = await this.done("POST", "/api/signing/challenge");
    if (given === undefined) return null;
    const { challenge } = given;
    const text = canonical({ challenge, person: this.me.user });
    const body = {
      challenge,
      proof: await signed({ typ: "wardlink-key", sub: this.me.user, jwk }, text, pair.privateKey),
      wraps: [{ ...kept, ...(await wrapped(pair.privateKey, opens, jwk)) }],
      ...proof,
    };
    return (await this.done("POST", "/api/signing/keys", body)) === undefined ? null : t("signing.made");
  }

  /** Another passkey that opens the key there is. */
  async #add(proof) {
    const held = await unlocked({ title: t("signing.way-add"), body: t("signing.unlock-to-add"), action: t("signing.unlock"), extractable: true });
    if (held === null) return null;
    const { key, known } = held;
    const secret = await this.#byPasskey(known.wraps.map((one) => one.credential));
    if (secret === null) return problem("signing.no-other-passkey");
    const { opens, ...kept } = secret;
    const wraps = [...known.wraps, { ...kept, ...(await wrapped(key, opens, known.jwk)) }];
    const answer = await this.done("PUT", `/api/signing/keys/${known.serial}/wraps`, { wraps, ...proof });
    return answer === undefined ? null : t("signing.added");
  }

  /** One of the person's passkeys but for `others`; null when there is none. */
  async #byPasskey(others) {
    const { passkeys } = (await ask("GET", "/api/passkeys")).data;
    const free = passkeys.filter((one) => !others.includes(one.id));
    if (free.length === 0) return null;
    const rp = (await ask("GET", "/api/login/ways")).data.passkeys;
    const salt = newSalt();
    const { credential, secret } = await secretOfPasskey(rp, Object.fromEntries(free.map((one) => [one.id, salt])));
    return { kind: "passkey", credential, salt, iterations: null, opens: secret };
  }
}

async function byPhrase(text) {
  const salt = newSalt();
  return { kind: "passphrase", credential: null, salt, iterations: ITERATIONS, opens: await secretOfPassphrase(text, salt) };
}

function fault(phrase, again, password) {
  if (phrase !== again) return "signing.differ";
  if (phrase.length < SHORTEST) return "signing.short";
  return phrase === password ? "signing.same" : null;
}

function problem(key) {
  setText(byId("problem"), t(key));
  return null;
}
