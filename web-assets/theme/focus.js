/**
 * Gives the focus to a control of what is shown now, when the one that had it has gone: who uses the
 * keyboard would have to begin at the top of the page.
 * @param {HTMLElement} panel
 * @param {string[]} ids the controls to choose from, the best first
 */
export function keepFocus(panel, ids) {
  const { activeElement } = document;
  const isLost = !activeElement || activeElement === document.body || activeElement.closest('[hidden]');
  if (!isLost || panel.hidden) return;
  ids.map((id) => document.getElementById(id))
    .find((control) => control && !control.closest('[hidden]'))
    ?.focus();
}
