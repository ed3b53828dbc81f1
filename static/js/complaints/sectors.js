/** Questions for one sector alone are neither shown nor answered for another. */

/**
 * Ask, from now on, what belongs to the sector that is chosen.
 *
 * @param {HTMLFormElement} form
 */
export function followSector(form) {
  const questions = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-only-sector]"));
  const follow = () => {
    const sector = new FormData(form).get("sector");
    for (const question of questions) {
      question.hidden = question.dataset.onlySector !== sector;
      for (const control of question.querySelectorAll("input")) control.disabled = question.hidden;
    }
  };
  form.addEventListener("change", follow);
  follow();
}
