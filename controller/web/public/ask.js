// Requests whose refusal the page must tell apart: {ok, status, code, message, data}. None leads to the login.

export async function ask(method, path, body, more = {}) {
  const headers = body === undefined ? more : { "Content-Type": "application/json", ...more };
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  const data = response.status === 204 ? null : await response.json();
  const { code, message } = data?.error ?? {};
  return { ok: response.ok, status: response.status, code, message, data, retryAfter: response.headers.get("Retry-After") };
}
