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
  return me.permissions.includes("ward:watch") ? "/" : "/account";
}
