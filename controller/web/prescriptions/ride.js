// A delivery's way by robot in words: how far it is, when it is there and why, and why it is carried by hand again.
import { el, setText } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { etaOf } from "/robots/said.js";

/** Whether a robot carries it, or comes for it. */
export const isRiding = ({ ride }) => ride !== null && ride.stage !== "over";

/** Where its lines stand; filled by fillRide(). */
export const rideLines = () => el("div", { class: "ride" }, el("p", { class: "how-far" }), el("p", { class: "eta" }), el("p", { class: "because soft" }));

/** `asked`: the controller's time of the answer that `one` is of; `now`: its time now. */
export function fillRide(node, one, asked, now) {
  const [far, eta, because] = node.querySelector(".ride").children;
  const { ride } = one;
  const isGoing = isRiding(one) && ride.stage !== "received";
  setText(far, ride === null ? "" : farOf(ride));
  setText(eta, isGoing ? etaOf(ride, asked, now) : "");
  setText(because, isGoing ? [...new Set([ride.eta?.why, ride.reason])].filter(Boolean).join(" · ") : "");
}

function farOf(ride) {
  if (ride.stage === "over" && ride.why === "") return "";
  return t(`rx.ride.${ride.stage}`, { ...ride, robot: ride.robot ?? "" });
}
