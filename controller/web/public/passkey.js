// Passkeys: the browser's part. What the controller asks for goes to the authenticator, its answer goes back.
import { ask } from "./ask.js";

/** How people can log in here beside the password: {oidc, passkeys}, and whether this browser takes part. */
export async function ways() {
  const { oidc, passkeys } = (await ask("GET", "/api/login/ways")).data;
  const domain = location.hostname === passkeys || location.hostname.endsWith(`.${passkeys}`);
  const able = "parseRequestOptionsFromJSON" in (globalThis.PublicKeyCredential ?? {});
  return { oidc, passkeys: domain && able };
}

/** Logs in: what `ask` gives; or {ok: false, code: "cancelled"} when the person or the authenticator would not. */
export async function logInByPasskey() {
  const options = await ask("POST", "/api/login/passkey/options");
  if (!options.ok) return options;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.data);
  const credential = await made(() => navigator.credentials.get({ publicKey }));
  return credential === null ? CANCELLED : ask("POST", "/api/login/passkey", { credential: credential.toJSON() });
}

/** Makes a passkey called `name` for whoever is logged in; as logInByPasskey. */
export async function addPasskey(name) {
  const options = await ask("POST", "/api/passkeys/options");
  if (!options.ok) return options;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.data);
  publicKey.extensions = { prf: {} }; // so that it can unlock a key to sign with
  const credential = await made(() => navigator.credentials.create({ publicKey }));
  return credential === null ? CANCELLED : ask("POST", "/api/passkeys", { name, credential: credential.toJSON() });
}

const CANCELLED = { ok: false, status: 0, code: "cancelled", message: "" };
const REFUSALS = new Set(["NotAllowedError", "InvalidStateError", "AbortError"]);

/** The credential; null when there is none: these errors are how a browser says so. */
async function made(ceremony) {
  try {
    return await ceremony();
  } catch (error) {
    if (REFUSALS.has(error.name)) return null;
    throw error;
  }
}
