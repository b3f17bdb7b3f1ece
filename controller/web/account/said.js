// How this page says times, and asks before it takes something away.
import { moment } from "/screen/dates.js";
import { setText } from "/screen/dom.js";

/** A time of UTC, in seconds, on this computer's calendar. */
export function when(utcSeconds) {
  return moment(utcSeconds * 1000);
}

/** Makes `button` do `act` at the second click; after the first one it asks. */
export function twice(button, question, act) {
  const words = button.textContent;
  button.addEventListener("click", () => {
    if (button.dataset.sure) return act();
    button.dataset.sure = "1";
    setText(button, question);
  });
  button.addEventListener("blur", () => {
    delete button.dataset.sure;
    setText(button, words);
  });
}
