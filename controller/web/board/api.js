// Requests to the controller; a refusal becomes a Refusal, an Error with the controller's own sentence.

async function request(path, options = {}) {
  const response = await fetch(path, { cache: "no-store", ...options });
  if (response.status === 401) location.replace("/login");
  if (response.ok) return response.status === 204 ? null : response.json();
  const body = await response.json();
  throw Object.assign(new Error(body.error.message), { name: "Refusal" });
}

export const get = (path, options) => request(path, options);
export const post = (path) => request(path, { method: "POST" });
export const remove = (path) => request(path, { method: "DELETE" });

export function put(path, body) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method: "PUT", headers, body: JSON.stringify(body) });
}

/** Whether the person may do what asks for `permission`. Without an answer: no, it is not offered. */
export async function may(permission) {
  try {
    return (await get("/api/me")).permissions.includes(permission);
  } catch {
    return false;
  }
}
