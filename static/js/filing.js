/*
 * The filing form as a dialog, from anywhere: N, or any link with data-filing. Closing it keeps what is typed, and
 * the cursor goes back to where it was. Shift+N begins the next ticket for the caller of the last one.
 * Without this file the same links open the page.
 */

const LAST = "filing:last";
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select";

function remembered() {
  try {
    return sessionStorage.getItem(LAST);
  } catch {
    return null;
  }
}

function remember(number) {
  try {
    sessionStorage.setItem(LAST, number);
  } catch {
    // Storage may be forbidden; then Shift+N works from the message alone.
  }
}

function theDialog() {
  let dialog = document.getElementById("filing-dialog");
  if (dialog) return dialog;
  dialog = document.createElement("dialog");
  dialog.id = "filing-dialog";
  dialog.className = "dialog filing-dialog";
  dialog.setAttribute("aria-labelledby", "filing-dialog-title");
  const body = document.createElement("div");
  body.id = "filing-dialog-body";
  dialog.append(body);
  dialog.addEventListener("close", () => {
    if (body.querySelector("[data-filed]")) body.replaceChildren();
  });
  document.body.append(dialog);
  return dialog;
}

function inDialog(address) {
  const url = new URL(address, location.href);
  url.searchParams.set("in", "dialog");
  const patient = document.getElementById("main")?.dataset.patient;
  if (patient && [...url.searchParams.keys()].length === 1) url.searchParams.set("patient", patient);
  return url.pathname + url.search;
}

function open(address) {
  const dialog = theDialog();
  const body = document.getElementById("filing-dialog-body");
  const plain = !new URL(address, location.href).search;
  const goingOn = plain && body.querySelector("form#filing");
  if (!dialog.open) dialog.showModal();
  if (goingOn) return body.querySelector(".type-box, input")?.focus();
  // The hands do not wait for the form: what they type until it is here is typed into it.
  document.dispatchEvent(new CustomEvent("filing:opening"));
  return window.htmx.ajax("GET", inDialog(address), { target: "#filing-dialog-body", swap: "innerHTML" });
}

const onItsPage = () => Boolean(document.querySelector("main form#filing"));

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-filing]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || !window.htmx) return;
  if (onItsPage() && !link.closest("dialog")) return;
  event.preventDefault();
  open(link.dataset.filing || link.href);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "N" || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.documentElement.dataset.keys === "off" || event.target.closest?.(TYPING)) return;
  const number = document.querySelector("[data-filed]")?.dataset.filed ?? remembered();
  const link = document.querySelector("a[data-filing]");
  if (!number || !link) return;
  event.preventDefault();
  const address = `${new URL(link.href).pathname}?again=${encodeURIComponent(number)}`;
  if (onItsPage()) location.assign(address);
  else open(address);
}, { capture: true });

/* In the dialog a link to the next form stays in the dialog. */
document.addEventListener("click", (event) => {
  const again = event.target.closest("dialog a[data-again]");
  if (!again) return;
  event.preventDefault();
  open(again.href);
});

/* A refused form is shown with what refuses it; a button beside the form says what it does like one inside. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "filing-dialog-body" || ![409, 422].includes(event.detail.xhr.status)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.id !== "filing" || !submitter?.name || !form.hasAttribute("hx-post") || form.contains(submitter)) return;
  const said = Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value });
  form.append(said);
  setTimeout(() => said.remove(), 0);
}, { capture: true });

function noteFiled(root) {
  const filed = root.querySelector("[data-filed]");
  if (filed) remember(filed.dataset.filed);
}

noteFiled(document);
document.addEventListener("htmx:afterSwap", (event) => noteFiled(event.detail.target ?? document));
