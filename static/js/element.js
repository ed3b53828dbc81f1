/** Elements, found and made: text is always text, never markup. */

/**
 * Make an element.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/**
 * Find an element the page must have.
 *
 * @template {HTMLElement} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {{ new (): Kind, prototype: Kind }} kind
 * @returns {Kind}
 */
export function one(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${selector}`);
  return found;
}

/**
 * Find an element the page may have.
 *
 * @template {HTMLElement} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {{ new (): Kind, prototype: Kind }} kind
 * @returns {Kind | null}
 */
export function perhaps(root, selector, kind) {
  const found = root.querySelector(selector);
  return found instanceof kind ? found : null;
}

/**
 * Make a notice: a sign, a word and what is to be known.
 *
 * @param {"info" | "ok" | "warn" | "danger"} kind
 * @param {string} title
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function notice(kind, title, ...children) {
  const words = element("div", {}, element("p", { class: "notice-title" }, title), ...children);
  return element("div", { class: `notice notice-${kind}` }, icon(kind), words);
}

/**
 * @param {string} kind
 * @returns {HTMLElement} a sign that stands beside its word
 */
export function icon(kind) {
  return element("span", { class: `icon icon-${kind}`, "aria-hidden": "true" });
}

/**
 * Make a button that does something on this page.
 *
 * @param {string} words
 * @param {string} style its class
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function buttonTo(words, style, act) {
  const button = element("button", { type: "button", class: style }, words);
  button.addEventListener("click", act);
  return button;
}
