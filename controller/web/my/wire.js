// Requests of a patient's page: {ok, status, code, message, data}; status 0: no answer came.
import { ask } from "/public/ask.js";
import { t } from "./words.js";

export async function asked(method, path, body, revision) {
  try {
    return await ask(method, path, body, revision === undefined ? {} : { "If-Match": `"${revision}"` });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ok: false, status: 0 };
  }
}

/** Why not, in plain words; `what`: the words for a refusal of this very thing, where there are some. */
export function reason({ status, code, message, retryAfter }, what = null) {
  if (status === 0) return t("my.not-sent");
  if (status === 429) return t("my.slow", { s: retryAfter });
  if (code === "wrong-code") return t("my.wrong-code");
  if (status === 412) return t("my.outdated");
  if (status === 503) return t("my.later");
  return what ?? message;
}
