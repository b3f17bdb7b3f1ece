// Who is logged in on this screen, and where they belong.
import { ask } from "./ask.js";

/** /api/me, or null without a session. */
export async function person() {
  const answer = await ask("GET", "/api/me");
  return answer.ok ? answer.data : null;
}

/** The page that a person begins with: what they must do first, or the first of what they may. */
export function home(me) {
  if (!["open", "locked"].includes(me.state)) return "/account";
  const study = wantedStudy();
  if (study && me.permissions.includes("imaging:read")) return `/imaging?study=${study}`;
  return me.permissions.includes("ward:watch") ? "/" : "/account";
}

/** The study that somebody without a session wanted to see: the viewer of images led them here. A UID, or null. */
export function wantedStudy() {
  const study = new URLSearchParams(location.search).get("study") ?? "";
  return /^[0-9.]{1,64}$/.test(study) ? study : null;
}
