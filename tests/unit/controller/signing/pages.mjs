// What test_key_pages.py asks of the pages' modules.
import { newKey, publicJwk, signed, unwrapped, wrapped } from "../../../../controller/web/signing/key.js";
import { newSalt, secretOfPassphrase } from "../../../../controller/web/signing/secrets.js";

export async function signedTimes(text, times) {
  const pair = await newKey();
  const header = { typ: "wardlink-signed", sub: "anna", iat: 1, x5c: [] };
  const signatures = await Promise.all(Array.from({ length: times }, () => signed(header, text, pair.privateKey)));
  return { jwk: await publicJwk(pair), signatures };
}

export async function wraps() {
  const [pair, other] = [await newKey(), await newKey()];
  const [jwk, otherJwk] = [await publicJwk(pair), await publicJwk(other)];
  const salt = newSalt();
  const secret = await secretOfPassphrase("correct horse battery", salt, 1000);
  const wrong = await secretOfPassphrase("correct horse batterz", salt, 1000);
  const held = await wrapped(pair.privateKey, secret, jwk);
  const opened = await unwrapped(held, secret, jwk);
  const end = held.wrapped.at(-2);
  const bent = { ...held, wrapped: held.wrapped.slice(0, -2) + (end === "A" ? "B" : "A") + held.wrapped.at(-1) };
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, opened, new Uint8Array(3));
  return {
    right: await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, pair.publicKey, signature, new Uint8Array(3)),
    extractable: opened.extractable,
    otherSecret: await failed(unwrapped(held, wrong, jwk)),
    otherKey: await failed(unwrapped(held, secret, otherJwk)),
    changed: await failed(unwrapped(bent, secret, jwk)),
  };
}

const failed = (promise) => promise.then(() => "", (error) => error.name);
