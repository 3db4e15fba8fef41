/*
 * Dialogs and menus. Without this file a link to #id shows the dialog in place, by CSS alone.
 * A dialog gives the focus back to what opened it; one opened from a menu gives it to the menu.
 */

function dialogFor(link) {
  const id = link.getAttribute("href")?.slice(1);
  const found = id ? document.getElementById(id) : null;
  return found instanceof HTMLDialogElement ? found : null;
}

function closeMenu(menu, focus) {
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
}

/* The browser gives the focus back to where it was when the dialog opened. */
function open(dialog, link) {
  const menu = link.closest("details[data-menu]");
  if (menu) closeMenu(menu, true);
  link.closest("dialog[open]")?.close();
  if (!dialog.open) dialog.showModal();
}

/* Only a press that began beside the words closes: selecting text out of a field does not. */
let pressedOn = null;
document.addEventListener("pointerdown", (event) => {
  pressedOn = event.target;
});

document.addEventListener("click", (event) => {
  const closer = event.target.closest("dialog [data-close], dialog a[href='#']");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
    return;
  }
  const link = event.target.closest("a[href^='#']");
  const dialog = link && dialogFor(link);
  if (dialog && !event.defaultPrevented) {
    event.preventDefault();
    open(dialog, link);
    return;
  }
  if (event.target instanceof HTMLDialogElement && event.target.open && pressedOn === event.target) event.target.close();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) closeMenu(menu, false);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) closeMenu(menu, true);
});

// Leaving a menu by Tab closes it, so that it never hides what has the focus.
document.addEventListener("focusin", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) closeMenu(menu, false);
  }
});

// A page loaded with #id in its address opens that dialog properly.
const asked = location.hash.length > 1 && document.getElementById(plain(location.hash.slice(1)));
if (asked instanceof HTMLDialogElement) {
  history.replaceState(null, "", location.pathname + location.search);
  asked.showModal();
}

function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
