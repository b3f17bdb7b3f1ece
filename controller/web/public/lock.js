// The lock of a screen that nobody touched for a while. The controller locks by itself; this covers the page.
//
// On the board the cover leaves the numbers visible: a ward that cannot see a heart rate because nobody moved a
// mouse is worse off than one whose wall is read by a visitor. Nothing can be opened, searched or changed. A narrow
// screen is a phone, which lies around: there, and on every other page, the cover hides everything.
import { ask } from "./ask.js";
import { home, person } from "./person.js";
import { logInByPasskey, ways } from "./passkey.js";
import { t, translate } from "./i18n.js";

const TELL_MS = 20_000;
const LOOK_MS = 1_000;
const TOUCHES = ["pointerdown", "keydown"];

export class Lock {
  /** `dialog`: empty, class "cover"; `onPerson(me)`: who is logged in now, at first and after each change. */
  constructor(dialog, onPerson) {
    Object.assign(this, { dialog, onPerson, me: null, touchedAt: performance.now(), toldAt: performance.now() });
    this.#build();
  }

  async start() {
    for (const kind of TOUCHES) document.addEventListener(kind, () => this.#touch(), { capture: true, passive: true });
    document.addEventListener("wardlink-locked", () => this.cover());
    document.addEventListener("wardlink-in-use", () => this.#touch());
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    this.dialog.addEventListener("close", () => this.locked && this.dialog.showModal());
    setInterval(() => this.#look(), LOOK_MS);
    await this.#meet();
  }

  /** Lock now. */
  async lock() {
    this.cover();
    await ask("POST", "/api/lock");
  }

  cover() {
    if (this.locked) return;
    for (const open of document.querySelectorAll("dialog[open]")) open.close();
    this.locked = true;
    this.form.reset();
    this.form.elements["cover-user"].value = this.me?.user ?? "";
    this.who.textContent = t("lock.who", { user: this.me?.user ?? "" });
    this.message.textContent = "";
    this.#showCode(false);
    translate(this.dialog);
    this.dialog.showModal();
    this.form.elements["cover-password"].focus();
  }

  async #meet() {
    const me = await person();
    if (me === null) return location.replace("/login");
    this.me = me;
    this.onPerson(me);
    if (me.state === "locked") this.cover();
  }

  #touch() {
    const now = performance.now();
    this.touchedAt = now;
    if (this.locked || !this.me?.lock_ms || now - this.toldAt < TELL_MS) return;
    this.toldAt = now;
    ask("POST", "/api/touched").then((answer) => answer.status === 423 && this.cover(), () => {});
  }

  #look() {
    const limit = this.me?.lock_ms;
    if (!this.locked && limit && performance.now() - this.touchedAt > limit) this.lock().catch(() => {});
  }

  #build() {
    const field = (id, type, complete, word) => {
      const label = make("label", { htmlFor: id });
      label.dataset.t = word;
      return [label, make("input", { id, name: id, type, autocomplete: complete, maxLength: 1024 })];
    };
    const title = make("h2", { id: "cover-title" });
    title.dataset.t = "lock.title";
    this.who = make("p", {});
    this.message = make("p", { className: "problem", role: "alert" });
    this.code = field("cover-code", "text", "one-time-code", "login.code");
    const go = make("button", { className: "primary" });
    go.dataset.t = "lock.unlock";
    const other = make("a", { className: "button", href: "/login" });
    other.dataset.t = "lock.other";
    this.form = make("form", {});
    const user = field("cover-user", "text", "username", "login.user");
    const password = field("cover-password", "password", "current-password", "login.password");
    const passkey = make("button", { type: "button", hidden: true });
    passkey.dataset.t = "login.passkey";
    passkey.addEventListener("click", () => this.#byPasskey());
    ways().then((here) => (passkey.hidden = !here.passkeys), () => {});
    this.form.append(...user, ...password, ...this.code, this.message, go, passkey, other);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.dialog.append(title, this.who, this.form);
    this.dialog.setAttribute("aria-labelledby", title.id);
  }

  #showCode(visible) {
    for (const node of this.code) node.hidden = !visible;
  }

  async #submit(event) {
    event.preventDefault();
    const { "cover-user": user, "cover-password": password, "cover-code": code } = this.form.elements;
    const name = user.value.trim();
    const same = name === this.me?.user;
    const body = { user: name, password: password.value, ...(code.value && { code: code.value }) };
    try {
      const answer = await (same ? ask("POST", "/api/unlock", { password: password.value }) : ask("POST", "/api/login", body));
      await this.#answered(answer);
    } catch {
      this.message.textContent = t("login.unreachable");
    }
  }

  /** Unlocks for the passkey's person, whoever that is. */
  async #byPasskey() {
    this.message.textContent = "";
    try {
      await this.#answered(await logInByPasskey());
    } catch {
      this.message.textContent = t("login.unreachable");
    }
  }

  async #answered({ ok, status, code, message, retryAfter }) {
    if (ok) return this.#opened();
    if (status === 401 && code === "not-logged-in") return location.replace("/login");
    this.#showCode(["code-needed", "wrong-code"].includes(code));
    const words = { "code-needed": "", "wrong-code": t("login.wrong-code"), "wrong-login": t("login.wrong") };
    this.message.textContent = status === 429 ? t("login.slow", { s: retryAfter }) : (words[code] ?? message);
    this.form.elements[code === "wrong-login" ? "cover-password" : "cover-code"].focus();
  }

  async #opened() {
    const me = await person();
    const before = this.me?.user;
    if (me === null || !["open", "locked"].includes(me.state)) return location.replace("/account");
    const elsewhere = me.user !== before && home(me) !== "/" && location.pathname === "/";
    if (elsewhere) return location.replace(home(me));
    this.me = me;
    this.locked = false;
    this.touchedAt = this.toldAt = performance.now();
    this.form.reset();
    this.dialog.close();
    this.onPerson(me);
  }
}

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
