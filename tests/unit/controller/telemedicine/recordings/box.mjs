// The page's half of sealing, with values of JSON.
import { importKey, seal } from "../../../../../controller/web/public/room/recording/box.js";

export async function boxed(key, place, data) {
  const { bytes, digest } = await seal(await importKey(key), place, Buffer.from(data, "base64"));
  return { box: Buffer.from(bytes).toString("base64"), digest };
}
