// The short code of a connection, which two people read to each other: six digits of what each end's certificate is
// known by (SDP, RFC 8122). It is the same at both ends unless somebody is between them; one chance in a million.

/** That of a session description: "sha-256 AB:CD:…". */
export function fingerprint(sdp) {
  return /^a=fingerprint:(\S+ [0-9A-Fa-f:]+)\s*$/m.exec(sdp)?.[1] ?? "";
}

/** "123 456", whichever end asks; "": one of the two is not known. */
export async function shortCode(...fingerprints) {
  if (fingerprints.includes("")) return "";
  const text = fingerprints.map((one) => one.toLowerCase()).toSorted().join("\n");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const digits = String(new DataView(digest).getUint32(0) % 1_000_000).padStart(6, "0");
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}
