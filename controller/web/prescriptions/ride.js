// A delivery's way by robot in words: how far it is, when it is there and why, and why it is carried by hand again.
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { etaOf } from "/robots/said.js";
import { whyOf } from "/robots/why.js";

/** Whether a robot carries it, or comes for it. */
export const isRiding = ({ ride }) => ride !== null && ride.stage !== "over";

/** Where its lines stand; filled by fillRide(). */
export const rideLines = () =>
  el("div", { class: "by-robot" }, el("p", { class: "how-far" }), el("p", { class: "eta" }), el("p", { class: "because soft" }), el("a", { class: "to-robots", href: "/robots" }));

/** `asked`: the controller's time of the answer that `one` is of; `now`: its time now. */
export function fillRide(node, one, asked, now) {
  const [far, eta, because, map] = node.querySelector(".by-robot").children;
  const { ride } = one;
  const isGoing = isRiding(one) && ride.stage !== "received";
  show(map, isRiding(one));
  setText(map, t("rx.ride.map"));
  setText(far, ride === null ? "" : farOf(ride));
  setText(eta, isGoing ? etaOf(ride, asked, now) : "");
  setText(because, isGoing ? [...new Set([ride.eta && whyOf(ride.eta), whyOf({ why: ride.reason, reason: ride.reason_code })])].filter(Boolean).join(" · ") : "");
}

function farOf(ride) {
  if (ride.stage === "over" && ride.why === "") return "";
  const isThere = ride.stage === "aboard" && ride.eta?.reason?.code === "there";
  return t(`rx.ride.${isThere ? "there" : ride.stage}`, { ...ride, robot: ride.robot ?? "" });
}
