/*
 * Single keys: an element with data-key="n" is pressed, or focused if it is a field, when nobody is typing.
 * Ctrl or Cmd with Enter presses the [data-submit-key] of the form one is in, else the page's.
 * ? lists the keys. <html data-keys="off"> switches the single keys off.
 */

const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

function visible(element) {
  return element.getClientRects().length > 0 && !element.matches(":disabled");
}

function holders() {
  return [...document.querySelectorAll("[data-key]")].filter(visible);
}

function press(element) {
  if (element.matches(TYPING)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

function nameOf(element) {
  const label = element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.querySelector("span")?.textContent;
  return (label || element.textContent).trim();
}

function listKeys() {
  const dialog = document.querySelector("[data-keys-dialog]");
  const list = dialog?.querySelector("[data-keys-list]");
  if (!list || dialog.open) return;
  const rows = holders().map((element) => [element.dataset.key.toUpperCase(), nameOf(element)]);
  if (document.querySelector("[data-submit-key]")) rows.push(["Ctrl Enter", nameOf(document.querySelector("[data-submit-key]"))]);
  rows.push(["?", "These keys"]);
  list.replaceChildren(...rows.map(([key, what]) => {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    const cap = document.createElement("kbd");
    row.className = "fact";
    cap.textContent = key;
    value.textContent = what;
    term.append(cap);
    row.append(term, value);
    return row;
  }));
  dialog.showModal();
}

function submitByKey(event) {
  const within = event.target.closest?.("form") ?? document;
  const button = within.querySelector("[data-submit-key]") ?? document.querySelector("[data-submit-key]");
  if (!button || !visible(button)) return;
  event.preventDefault();
  button.click();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return submitByKey(event);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.documentElement.dataset.keys === "off") return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    event.preventDefault();
    return listKeys();
  }
  const found = holders().find((element) => element.dataset.key === event.key.toLowerCase());
  if (found) {
    event.preventDefault();
    press(found);
  }
});
