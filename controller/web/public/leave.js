// Logging out: here, and at the identity provider if the login was by it, or the next person would be let in as this one.
import { ask } from "./ask.js";

export async function leave() {
  const answer = await ask("POST", "/api/oidc/logout");
  location.replace(answer.data?.go ?? "/login");
}
