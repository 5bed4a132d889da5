// @ts-check
/**
 * Builds the page from nodes, never from markup, so nothing that an issuer or a verifier wrote can
 * become an element or a script (VCI-W-11).
 */

const SVG = "http://www.w3.org/2000/svg";

/** Line icons, 24 by 24, drawn with one path each. */
const ICONS = Object.freeze({
  cards: "M3 8a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM3 10.5h18M7 15h4",
  show: "M4 9V5a1 1 0 0 1 1-1h4M15 4h4a1 1 0 0 1 1 1v4M20 15v4a1 1 0 0 1-1 1h-4M9 20H5a1 1 0 0 1-1-1v-4M8 8h3v3H8zM13 8h3v3h-3zM8 13h3v3H8zM13 13h3v3h-3z",
  scan: "M4 9V6a2 2 0 0 1 2-2h3M15 4h3a2 2 0 0 1 2 2v3M20 15v3a2 2 0 0 1-2 2h-3M9 20H6a2 2 0 0 1-2-2v-3M3 12h18",
  history: "M12 7v5l3 2M3.5 12a8.5 8.5 0 1 0 2.6-6.1M3.5 4v4h4",
  settings: "M3.5 7.5h9M17.5 7.5h3M3.5 16.5h3M11.5 16.5h9M15 5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM9 14a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  check: "M4.5 12.5l5 5 10-11",
  cross: "M6 6l12 12M18 6L6 18",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17.2v.3",
  question: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.1-1.5 2.4M12 17.2v.3M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  pause: "M9 5v14M15 5v14",
  play: "M7 5l12 7-12 7z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  hidden: "M4 4l16 16M9.5 5.9A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-3 3.8M6.2 7.400A17 17 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4-.9M9.9 9.9a3 3 0 0 0 4.2 4.2",
  signal: "M4 18.5h.1M4 13a6 6 0 0 1 6 5.5M4 7.5a11 11 0 0 1 11 11M3 3l18 18",
  torch: "M9 3h6v4l-1.5 3v10a1 1 0 0 1-1 1h-1a1 1 0 0 1-1-1V10L9 7zM9 7h6M12 12v2",
  phone: "M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM11 18h2",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7M10.5 11v5M13.5 11v5",
  taxi: "M5 16v2.5M19 16v2.5M3.5 16h17v-3l-2-1.200L16.8 8H7.200l-1.7 3.8-2 1.200zM10 8V5.5h4V8M7 13.5h.1M17 13.5h.1",
  shop: "M4 10v10h16V10M3 10l2-6h14l2 6a2.25 2.25 0 0 1-4.5 0 2.25 2.25 0 0 1-4.5 0 2.25 2.25 0 0 1-4.5 0A2.25 2.25 0 0 1 3 10zM10 20v-5h4v5",
  age: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 9.5L9.5 8.5V15M15 12a1.75 1.75 0 1 0 0 3 1.75 1.75 0 0 0 0-3zM15 8.5a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5z",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20a7.5 7.5 0 0 1 15 0",
  city: "M4 20V9l5-3v14M9 20V4l7 3v13M16 20V11l4 2v7M2.5 20h19M12 9.5h1M12 13h1M12 16.5h1",
});

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element. `on` holds listeners; every other member is an attribute, `true` being an empty one.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(/** @type {object} */ (value))) {
        node.addEventListener(event, listener);
      }
    } else if (/^on|^style$|^srcdoc$/i.test(name)) {
      throw new Error(`attribute ${name} is not for us`);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(node, children);
  return node;
}

/** @param {keyof typeof ICONS} name @param {string} [className] */
export function icon(name, className = "icon") {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", className);
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  drawing.append(path);
  return drawing;
}

/** A ring that empties; `set(part)` with part from 1 (full) to 0. */
export function ring() {
  const radius = 15.9155; // circumference 100
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 36 36");
  drawing.setAttribute("class", "ring");
  drawing.setAttribute("aria-hidden", "true");
  const circles = ["ring-track", "ring-hand"].map((name) => {
    const circle = document.createElementNS(SVG, "circle");
    circle.setAttribute("class", name);
    circle.setAttribute("cx", "18");
    circle.setAttribute("cy", "18");
    circle.setAttribute("r", String(radius));
    return circle;
  });
  circles[1].setAttribute("stroke-dasharray", "100");
  drawing.append(...circles);
  return {
    node: drawing,
    /** @param {number} part */
    set: (part) => circles[1].setAttribute("stroke-dashoffset", String(100 - 100 * part)),
  };
}

/** @param {Element} node @param {...(Child | Child[])} children */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
}

/**
 * A button that shows it is at work and cannot be pressed twice.
 * @param {string} text @param {() => unknown} action @param {Record<string, unknown>} [attributes]
 * @param {...Child} before what stands before the text
 */
export function button(text, action, attributes = {}, ...before) {
  const node = /** @type {HTMLButtonElement} */ (
    el("button", { type: "button", ...attributes }, ...before, el("span", {}, text))
  );
  node.addEventListener("click", async () => {
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    try {
      await action();
    } finally {
      node.removeAttribute("aria-busy");
    }
  });
  return node;
}

/** Say something to people who do not see the screen. @param {string} text */
export function announce(text) {
  const region = document.getElementById("announcements");
  if (region) region.textContent = text;
}

/** @param {Element} node @param {(Child | Child[])[]} children */
function append(node, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}
