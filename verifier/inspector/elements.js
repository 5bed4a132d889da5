// @ts-check
/** Builds elements from names, attributes and texts. Data only ever becomes text. */

const SVG = "http://www.w3.org/2000/svg";
export const SIGNS = "/inspect/icons/signs.svg";

/**
 * @param {string} name @param {Record<string, string>} [attributes]
 * @param {...(Node | string | null | false)} children @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== false).map((child) => child));
  return made;
}

/** A sign from the sheet of signs. @param {string} name @param {string} [className] */
export function sign(name, className = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SIGNS}#${name}`);
  svg.append(use);
  return svg;
}

/** @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page lacks #${id}`);
  return found;
}
