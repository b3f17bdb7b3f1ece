// Requests to the controller; a refusal becomes an Error with the controller's own sentence.

async function request(path, options = {}) {
  const response = await fetch(path, { cache: "no-store", ...options });
  if (response.status === 401) location.replace("/login");
  if (response.ok) return response.status === 204 ? null : response.json();
  const body = await response.json();
  throw new Error(body.error.message);
}

export const get = (path) => request(path);
export const post = (path) => request(path, { method: "POST" });
export const remove = (path) => request(path, { method: "DELETE" });

export function put(path, body) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method: "PUT", headers, body: JSON.stringify(body) });
}
