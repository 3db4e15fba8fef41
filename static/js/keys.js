/*
 * Single keys: an element with data-key="n" is pressed, or focused if it is a field, when nobody is typing.
 * G, then a letter, goes to the place of the palette with that data-go. ? lists the keys.
 * Ctrl or Cmd with Enter presses the [data-submit-key] of the form one is in, else the page's.
 * <html data-keys="off"> switches the single keys off; those with Ctrl or Cmd stay.
 */

const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
const EVERYWHERE = ["n", "/", "?"];
const GO_WITHIN = 1500;

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgentData?.platform || navigator.platform || "");

let wentAt = 0;

function visible(element) {
  return element.getClientRects().length > 0 && !element.matches(":disabled");
}

function holders() {
  return [...document.querySelectorAll("[data-key]")].filter(visible);
}

function press(element) {
  if (element.matches(TYPING) && !element.matches("[data-palette-box]")) {
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

function rowOf([key, what]) {
  const [row, term, value, cap] = ["div", "dt", "dd", "kbd"].map((name) => document.createElement(name));
  cap.textContent = key;
  value.textContent = what;
  term.append(cap);
  row.append(term, value);
  return row;
}

/* The keys of this page, each once, beside those that work everywhere. */
function fillKeys(dialog) {
  const here = dialog.querySelector("[data-keys-here]");
  const keys = new Map();
  for (const element of holders()) {
    const key = element.dataset.key.toLowerCase();
    if (!EVERYWHERE.includes(key) && !keys.has(key)) keys.set(key, [element.dataset.key.toUpperCase(), nameOf(element)]);
  }
  here.querySelector("dl").replaceChildren(...[...keys.values()].map(rowOf));
  here.hidden = keys.size === 0;
}

function listKeys() {
  const dialog = document.querySelector("[data-keys-dialog]");
  if (!dialog || dialog.open) return;
  fillKeys(dialog);
  dialog.showModal();
}

/* In a dialog only its own form is meant, never the page's behind it. */
function submitByKey(event) {
  const modal = document.querySelector("dialog[open]");
  const form = event.target.closest?.("form");
  // A dialog's button stands below its form and belongs to it by form="…".
  const own = form && [...form.elements].find((element) => element.matches("[data-submit-key]"));
  const button = own ?? (modal ?? document).querySelector("[data-submit-key]");
  if (!button || !visible(button)) return;
  event.preventDefault();
  button.click();
}

function goTo(letter) {
  const place = document.querySelector(`#palette [data-go="${CSS.escape(letter)}"]`);
  if (place) location.assign(place.href);
  return Boolean(place);
}

function singleKey(event) {
  const key = event.key.toLowerCase();
  const going = event.timeStamp - wentAt < GO_WITHIN && wentAt > 0;
  wentAt = 0;
  if (going && goTo(key)) return event.preventDefault();
  if (event.key === "?") {
    event.preventDefault();
    return listKeys();
  }
  const found = holders().find((element) => element.dataset.key.toLowerCase() === key);
  if (found) {
    event.preventDefault();
    press(found);
  } else if (key === "g") {
    wentAt = event.timeStamp;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || event.repeat) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return submitByKey(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Shift") return;
  if (document.documentElement.dataset.keys === "off") return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  singleKey(event);
});

document.addEventListener("click", (event) => {
  if (event.target.closest('a[href="#keys"]')) fillKeys(document.querySelector("[data-keys-dialog]"));
});

if (isMac) {
  document.documentElement.dataset.mac = "";
  for (const cap of document.querySelectorAll("kbd[data-mod]")) cap.textContent = "⌘";
}
