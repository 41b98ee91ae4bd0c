// Elements made of text. Nothing here, or anywhere in the page, takes markup: what an alert says goes through textContent.

/**
 * @param {string} name tag, with classes: "p.note.small"
 * @param {object} facts properties; `data`, `aria` and `on` hold those of that kind; null and undefined are left out
 */
export function el(name, facts = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(facts)) {
    if (value === null || value === undefined) continue;
    if (key === "data") Object.assign(element.dataset, value);
    else if (key === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (key === "aria") setAria(element, value);
    else if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function setAria(element, facts) {
  for (const [key, value] of Object.entries(facts)) {
    if (value === null || value === undefined) element.removeAttribute(`aria-${key}`);
    else element.setAttribute(`aria-${key}`, value);
  }
}

/** Writes only what differs: a list that is drawn anew each frame touches little of the document. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const byID = (id) => document.getElementById(id);
