// Orders to the gateway that is opened: commands and configuration, asked for again and again while it is.
import { el, setText, show } from "/screen/dom.js";
import { get } from "/board/api.js";
import { t } from "/public/i18n.js";
import { Commands } from "./commands.js";
import { Configuration } from "./configuration.js";

export class Orders {
  /** `onChange()` when the gateways should be asked for at once. */
  constructor({ commands, configuration }, onChange) {
    Object.assign(this, { nodes: [commands, configuration], gateway: null, offered: null, held: null });
    this.away = el("p", { class: "away" });
    commands.append(el("h2", { id: "commands-title", "data-t": "order.title" }, t("order.title")), this.away);
    configuration.append(el("h2", { id: "configuration-title", "data-t": "setting.title" }, t("setting.title")));
    this.commands = new Commands(commands, onChange);
    this.configuration = new Configuration(configuration, onChange);
  }

  /** Asks for those of `one`, the gateway that is opened now; null: none is. */
  async ask(one, signal) {
    await this.#follow(one?.gateway ?? null, signal);
    const { gateway } = this;
    if (gateway === null) return;
    const held = await get(`/api/provisioning/${encodeURIComponent(gateway)}/orders`, { signal });
    if (this.gateway === gateway) this.held = held;
  }

  draw(one, now) {
    const ready = this.held !== null && one?.gateway === this.gateway;
    for (const node of this.nodes) show(node, ready);
    if (!ready) return;
    setText(this.away, this.held.state === "offline" ? t("order.away", one) : "");
    show(this.away, this.held.state === "offline");
    this.commands.draw(this.held, now);
    this.configuration.draw(this.held, now);
  }

  async #follow(gateway, signal) {
    if (gateway === this.gateway) return;
    this.held = null;
    this.offered ??= await get("/api/orders", { signal });
    this.gateway = gateway;
    if (gateway === null) return;
    this.commands.open(gateway, this.offered);
    this.configuration.open(gateway, this.offered);
  }
}
