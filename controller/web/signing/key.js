// A key to sign with: made here, signs here, and leaves this page encrypted only (AES-256-GCM around PKCS #8).
import { base64url, bytesOf, utf8 } from "./bytes.js";
import { canonical } from "./canonical.js";

const KIND = { name: "ECDSA", namedCurve: "P-256" };
const SIGNS = { name: "ECDSA", hash: "SHA-256" };
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF = 32; // bytes of r, and of s

/** A new pair; its private half can be wrapped. */
export function newKey() {
  return crypto.subtle.generateKey(KIND, true, ["sign", "verify"]);
}

/** The public half, as the controller wants it (RFC 7517). */
export async function publicJwk(pair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { kty, crv, x, y };
}

/** A detached JWS (RFC 7515, appendix F; RFC 7797) over `text`; `header` is what it says beside the algorithm. */
export async function signed(header, text, privateKey) {
  const told = base64url(utf8(canonical({ alg: "ES256", b64: false, crit: ["b64"], ...header })));
  const signature = await crypto.subtle.sign(SIGNS, privateKey, utf8(`${told}.${text}`));
  return `${told}..${base64url(oneForm(new Uint8Array(signature)))}`;
}

/** `privateKey`, which `secret` opens; it opens for the public key `jwk` only. */
export async function wrapped(privateKey, secret, jwk) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.wrapKey("pkcs8", privateKey, secret, cipher(iv, jwk));
  return { iv: base64url(iv), wrapped: base64url(data) };
}

/** The private key in `wrap`; an OperationError when `secret` is not what it was wrapped with. */
export function unwrapped(wrap, secret, jwk, extractable = false) {
  const how = cipher(bytesOf(wrap.iv), jwk);
  return crypto.subtle.unwrapKey("pkcs8", bytesOf(wrap.wrapped), secret, how, KIND, extractable, ["sign"]);
}

function cipher(iv, jwk) {
  return { name: "AES-GCM", iv, additionalData: utf8(`${jwk.x}.${jwk.y}`) };
}

/** r and the smaller s: with s, ORDER - s holds too, and a signature is to have one form. */
function oneForm(signature) {
  const s = signature.subarray(HALF).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (s <= ORDER / 2n) return signature;
  const digits = (ORDER - s).toString(16).padStart(2 * HALF, "0");
  return new Uint8Array([...signature.subarray(0, HALF), ...digits.match(/../g).map((pair) => parseInt(pair, 16))]);
}
