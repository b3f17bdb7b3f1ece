// Signing: a person sees a document, unlocks their key, and what they saw is what is signed.
//
//   const jws = await sign(prescription, { title: words, show: (document) => el("div", …) });
//   if (jws !== null) await done("PUT", …, { signature: jws });
import { canonical } from "./canonical.js";
import { signed } from "./key.js";
import { t } from "/public/i18n.js";
import { unlocked } from "./unlock.js";

/**
 * The detached JWS of the person over `document`, or null when they would not. What `show` is given to make a node
 * of was read from the very text that is signed. The key is forgotten with the end of this call.
 */
export async function sign(document, { title, show }) {
  const text = canonical(document);
  const held = await unlocked({ title, body: show(JSON.parse(text)), action: t("signing.sign") });
  if (held === null) return null;
  const { key, known, now } = held;
  return signed({ typ: "wardlink-signed", sub: known.person, iat: now(), x5c: known.x5c }, text, key);
}
