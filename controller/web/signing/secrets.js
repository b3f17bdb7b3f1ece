// What opens a wrapped key: the output of a passkey's PRF (WebAuthn Level 3, 10.1.4), or a passphrase.
import { base64url, bytesOf, utf8 } from "./bytes.js";

export const ITERATIONS = 1_000_000; // of PBKDF2-SHA-256
const INFO = utf8("wardlink signing key 1");
const AES = { name: "AES-GCM", length: 256 };
const USES = ["wrapKey", "unwrapKey"];
const REFUSALS = new Set(["NotAllowedError", "InvalidStateError", "AbortError"]);

/** Why there is no secret: "cancelled", "no-prf". */
export class NoSecret extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export function newSalt() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * Asks one of the passkeys in `salts`, {credential id: salt}, of the site `rp`: {credential, salt, secret}.
 * The controller checks nothing of the answer: without the passkey there is no PRF output, and no key.
 */
export async function secretOfPasskey(rp, salts) {
  const publicKey = {
    challenge: crypto.getRandomValues(new Uint8Array(32)),
    rpId: rp,
    userVerification: "required",
    allowCredentials: Object.keys(salts).map((id) => ({ type: "public-key", id: bytesOf(id) })),
    extensions: { prf: { evalByCredential: Object.fromEntries(Object.entries(salts).map(([id, salt]) => [id, { first: bytesOf(salt) }])) } },
  };
  const credential = await answered(publicKey);
  const output = credential.getClientExtensionResults().prf?.results?.first;
  if (!output) throw new NoSecret("no-prf");
  const salt = salts[credential.id];
  const input = await crypto.subtle.importKey("raw", output, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: bytesOf(salt), info: INFO };
  return { credential: credential.id, salt, secret: await crypto.subtle.deriveKey(how, input, AES, false, USES) };
}

export async function secretOfPassphrase(text, salt, iterations = ITERATIONS) {
  const input = await crypto.subtle.importKey("raw", utf8(text.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations };
  return crypto.subtle.deriveKey(how, input, AES, false, USES);
}

async function answered(publicKey) {
  try {
    return await navigator.credentials.get({ publicKey });
  } catch (error) {
    if (REFUSALS.has(error.name)) throw new NoSecret("cancelled");
    throw error;
  }
}
