// @ts-check
/**
 * Who may be checking, and what each of them gets to see. A purpose with a `view` is shown as a QR
 * code without signal; `cards` are what its agency looks at before it gives the view.
 */

/** @typedef {{id: string, icon: "taxi" | "shop" | "age" | "person", view: string | null, isFromAgency: boolean, cards: string[], hidden: string[]}} Purpose */

/** @type {readonly Purpose[]} */
export const PURPOSES = Object.freeze([
  {
    id: "taxi-inspection",
    icon: "taxi",
    view: "taxi-inspection",
    isFromAgency: true,
    cards: ["driving-licence", "taxi-permit", "vehicle-registration", "insurance-certificate"],
    hidden: ["birth_date", "address", "document_numbers"],
  },
  {
    id: "over-18",
    icon: "age",
    view: "over-18",
    isFromAgency: true,
    cards: ["residency"],
    hidden: ["name", "birth_date", "address"],
  },
  {
    id: "business-licence",
    icon: "shop",
    view: "business-licence",
    isFromAgency: false,
    cards: ["business-licence"],
    hidden: ["owner", "address"],
  },
  {
    id: "someone-else",
    icon: "person",
    view: null,
    isFromAgency: false,
    cards: [],
    hidden: [],
  },
]);

/** @param {string} id */
export function findPurpose(id) {
  return PURPOSES.find((purpose) => purpose.id === id);
}
