// A form that is sent with word of how much of it has gone, which fetch() does not give.

/** POSTs `form` (FormData); `onProgress(part)` from 0 to 1. The answer is as ask()'s; `status` 0: none came. */
export function send(path, form, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.addEventListener("loadend", () => resolve(answer(request)));
    request.send(form);
  });
}

function answer(request) {
  const { status, response: data } = request;
  const { code, message } = data?.error ?? {};
  return { ok: status === 200 && data !== null, status, code, message, data, retryAfter: request.getResponseHeader("Retry-After") };
}
