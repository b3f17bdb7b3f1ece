// A patient's alarm, and how somebody says that they have seen it: its gateway is told, and tells us.
import { send } from "./api.js";

export { alarmWords } from "/public/alarm-words.js";

/** Whether somebody should still say that they have seen it. */
export const isUnseen = ({ bed, detail }) => bed !== null && detail.alarm !== undefined && !detail.seen;

/** Resolves when the controller has it; what comes of it is seen on the board. */
export function sawIt({ bed, gateway, detail }) {
  return send("POST", `/api/beds/${encodeURIComponent(bed)}/alarms/seen`, { gateway, alarm: detail.alarm });
}
