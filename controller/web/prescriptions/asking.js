// Requests of which a refusal is told in words beside where it was tried.
import { ask } from "/public/ask.js";
import { follow, told } from "/people/page.js";
import { setText } from "/screen/dom.js";
import { t } from "/public/i18n.js";

/** Asks, with `revision` as what is replaced (If-Match). `node` says why it was refused; what is typed stays. */
export async function change(node, method, path, body, revision) {
  const answer = await asked(method, path, body, revision === undefined ? {} : { "If-Match": `"${revision}"` });
  setText(node, answer.ok ? "" : reason(answer));
  return answer;
}

/** As ask(); `status` 0: no answer came. */
export async function asked(method, path, body, headers = {}) {
  try {
    const answer = await ask(method, path, body, headers);
    follow(answer);
    return answer;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ok: false, status: 0 };
  }
}

export function reason(answer) {
  if (answer.status === 0) return t("rx.not-sent");
  return answer.status === 412 ? t("rx.outdated") : told(answer);
}

/** What only asks and is asked again: a refusal as the error that Poll knows. */
export async function got(path) {
  const answer = await ask("GET", path);
  follow(answer);
  if (!answer.ok) throw Object.assign(new Error(told(answer)), { name: "Refusal", status: answer.status });
  return answer.data;
}
