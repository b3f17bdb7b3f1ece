// Requests to the box: {ok, status, data}. One that never arrived has status 0.

export async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  return send(path, { method, headers, body: body && JSON.stringify(body) });
}

/** `blob`: a picture, as it is. */
export async function give(path, blob) {
  return send(path, { method: "POST", headers: { "Content-Type": blob.type }, body: blob });
}

async function send(path, request) {
  try {
    const response = await fetch(path, { ...request, cache: "no-store" });
    return { ok: response.ok, status: response.status, data: await content(response) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ok: false, status: 0, data: null };
  }
}

async function content(response) {
  const isJson = response.headers.get("Content-Type")?.includes("json");
  return response.status !== 204 && isJson ? response.json() : null;
}
