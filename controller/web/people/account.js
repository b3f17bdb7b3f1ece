// One's own account: password, second factor, PIN and badge, key to sign with; first of all what must be done before anything else.
import { Badge } from "/account/badge.js";
import { done, page } from "./page.js";
import { el, setText, show } from "/screen/dom.js";
import { home } from "/public/person.js";
import { qrCode } from "./qr.js";
import { Sessions } from "./sessions.js";
import { SigningKey } from "/signing/account.js";
import { t } from "/public/i18n.js";

const byId = (id) => document.getElementById(id);
const FIRST = { "change-password": "account.change-first", "set-up-second-factor": "account.set-up-first" };
const sessions = new Sessions(byId("sessions-card"), done);
const badge = new Badge(byId("badge-card"), done);
const signingKey = new SigningKey(byId("signing"), done);
let me = null;

function draw() {
  const first = FIRST[me.state];
  show(byId("first"), first !== undefined);
  if (first) setText(byId("first"), t(first));
  show(byId("password"), me.password);
  show(byId("no-password"), !me.password);
  show(byId("factor"), me.password && me.state !== "change-password");
  setText(byId("factor-state"), t(me.second_factor ? "account.factor-on" : "account.factor-off"));
  byId("go-on").href = home(me);
  show(byId("go-on"), me.state === "open" && home(me) === "/");
  sessions.draw();
  badge.draw();
  signingKey.draw();
}

async function changePassword(event) {
  event.preventDefault();
  const form = event.target;
  const { present, new: chosen, again } = form.elements;
  setText(byId("password-said"), "");
  if (chosen.value !== again.value) return setText(byId("problem"), t("account.differ"));
  const answer = await done("PUT", "/api/account/password", { password: present.value, new: chosen.value });
  if (answer === undefined) return;
  form.reset();
  if (me.state === "change-password") return location.reload();
  setText(byId("password-said"), t("account.changed"));
}

async function setUp(event) {
  event.preventDefault();
  const form = event.target;
  const offer = await done("POST", "/api/account/second-factor", { password: form.elements.password.value });
  if (offer === undefined) return;
  form.reset();
  byId("qr").replaceChildren(qrCode(offer.qr));
  setText(byId("secret"), t("account.key", { secret: offer.secret }));
  show(form, false);
  show(byId("confirm"), true);
  byId("code").focus();
}

async function confirm(event) {
  event.preventDefault();
  const answer = await done("PUT", "/api/account/second-factor", { code: byId("code").value.trim() });
  if (answer === undefined) return;
  show(byId("confirm"), false);
  byId("codes").replaceChildren(...answer.recovery_codes.map((code) => el("li", {}, code)));
  show(byId("recovery"), true);
  Object.assign(me, { second_factor: true, state: "open" });
  draw();
  show(byId("go-on"), true);
  if (home(me) === "/account") byId("go-on").href = "/account";
}

byId("password").addEventListener("submit", changePassword);
byId("set-up").addEventListener("submit", setUp);
byId("confirm").addEventListener("submit", confirm);
page(async (who) => {
  me = who;
  draw();
  if (me.permissions.includes("logged-in")) await Promise.all([sessions.load(), badge.load(me)]);
  if (me.permissions.includes("signing:own")) await signingKey.load(me);
}, () => me && draw());
