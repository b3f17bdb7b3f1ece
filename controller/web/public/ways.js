// The ways to log in beside the password: a button for the identity provider, one for passkeys.
import { home, person } from "./person.js";
import { logInByPasskey, ways } from "./passkey.js";
import { has, onLanguage, t } from "./i18n.js";

/** Shows the buttons that work here; `say(text)` shows why a login was refused. */
export async function otherWays({ box, oidc, passkey }, say) {
  passkey.addEventListener("click", () => byPasskey(passkey, say));
  sayRefusal(say);
  onLanguage(() => sayRefusal(say));
  const here = await ways().catch(() => null);
  if (here === null) return; // no answer: the password's form will say so
  oidc.hidden = here.oidc === null;
  oidc.textContent = here.oidc ?? "";
  passkey.hidden = !here.passkeys;
  box.hidden = oidc.hidden && passkey.hidden;
}

/** The identity provider's login came back with a refusal. */
function sayRefusal(say) {
  const code = new URLSearchParams(location.search).get("refused");
  if (code === null) return;
  const key = `refusal.${code}`;
  say(t(has(key) ? key : "refusal.other", { code }));
}

async function byPasskey(button, say) {
  button.disabled = true;
  say("");
  try {
    const answer = await logInByPasskey();
    if (answer.ok) location.replace(home(await person()));
    else say(told(answer));
  } catch {
    say(t("login.unreachable"));
  } finally {
    button.disabled = false;
  }
}

function told({ status, code, retryAfter }) {
  if (status === 429) return t("login.slow", { s: retryAfter });
  const key = `passkey.${code}`;
  return t(has(key) ? key : "passkey.refused");
}
