/* Dialogs and menus. Without this file a link to #id shows the dialog in place, by CSS alone. */

function dialogFor(link) {
  const id = link.getAttribute("href")?.slice(1);
  const found = id ? document.getElementById(id) : null;
  return found instanceof HTMLDialogElement ? found : null;
}

document.addEventListener("click", (event) => {
  const closer = event.target.closest("dialog [data-close], dialog a[href='#']");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
    return;
  }
  const opener = event.target.closest("a[href^='#']");
  const dialog = opener && dialogFor(opener);
  if (dialog) {
    event.preventDefault();
    if (!dialog.open) dialog.showModal();
    return;
  }
  // A press beside the words of a modal dialog closes it.
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A page loaded with #id in its address opens that dialog properly.
const asked = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (asked instanceof HTMLDialogElement) {
  history.replaceState(null, "", location.pathname + location.search);
  asked.showModal();
}
