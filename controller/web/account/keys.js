// One's own passkeys; and for whoever may make them, API tokens.
import { done, page } from "/people/page.js";
import { show } from "/screen/dom.js";
import { Passkeys } from "./passkeys.js";
import { Tokens } from "./tokens.js";
import { ways } from "/public/passkey.js";

const byId = (id) => document.getElementById(id);
const passkeys = new Passkeys(byId("passkeys"), byId("add"), done);
const tokens = new Tokens(byId("tokens"), byId("make"), done);

page(
  async (me) => {
    const mayTokens = me.permissions.includes("tokens:technical");
    show(byId("tokens-card"), mayTokens);
    const able = (await ways().catch(() => null))?.passkeys ?? false;
    show(byId("add"), able);
    show(byId("not-here"), !able);
    await passkeys.load();
    if (mayTokens) await tokens.load();
  },
  () => {
    passkeys.draw();
    tokens.draw();
  },
);
