// Requests to the controller; a refusal becomes a Refusal, an Error with the controller's own sentence.

async function request(path, options = {}, read = (response) => response.json()) {
  const response = await fetch(path, { cache: "no-store", ...options });
  if (response.status === 401) location.replace("/login");
  if (response.status === 423) document.dispatchEvent(new Event("wardlink-locked"));
  if (response.ok) return response.status === 204 ? null : read(response);
  const body = await response.json();
  throw Object.assign(new Error(body.error.message), { name: "Refusal", status: response.status });
}

export const get = (path, options) => request(path, options);
export const bytes = (path, options) => request(path, options, (response) => response.blob());
export const post = (path) => request(path, { method: "POST" });
export const remove = (path) => request(path, { method: "DELETE" });

export const put = (path, body) => send("PUT", path, body);

/** Sends `body` as JSON with these headers, too. */
export function sendWith(headers, method, path, body) {
  return request(path, { method, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** Sends `body`: an object as JSON, or with `media` a file as it is. */
export function send(method, path, body, media = null) {
  const headers = { "Content-Type": media ?? "application/json" };
  return request(path, { method, headers, body: media ? body : JSON.stringify(body) });
}
