// Requests to the box: {ok, status, data}. One that never arrived has status 0.

export async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  try {
    const response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
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
