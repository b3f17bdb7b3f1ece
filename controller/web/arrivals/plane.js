// A small plane around a point of the earth, in metres to the east and to the south; and SVG elements.
const NS = "http://www.w3.org/2000/svg";
export const M_A_DEGREE = 111_195;

/** A function from {latitude, longitude} to [east, south] in metres from `middle`. */
export function metresFrom(middle) {
  const east = metresEast(middle);
  return (one) => [nearest(one.longitude - middle.longitude) * east, (middle.latitude - one.latitude) * M_A_DEGREE];
}

/** Metres of a degree of longitude there. */
export const metresEast = (middle) => M_A_DEGREE * Math.cos((middle.latitude * Math.PI) / 180);

/** Degrees of longitude the short way round. */
const nearest = (degrees) => ((degrees + 540) % 360) - 180;

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(NS, tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}
