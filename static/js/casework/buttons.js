/** Buttons that the server draws, and that do nothing before their script has come. */

/**
 * Have buttons do something from now on. Until here they were dead: a click before would have been lost.
 *
 * @param {ParentNode} root
 * @param {string} selector
 * @param {(button: HTMLButtonElement) => void} act
 */
export function bringToLife(root, selector, act) {
  for (const button of root.querySelectorAll(selector)) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.addEventListener("click", () => act(button));
    button.disabled = false;
  }
}
