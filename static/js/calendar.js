/*
 * The calendar's form, without a round trip: "Another holiday" adds an empty row and "Remove" takes one away.
 * Without this file both are sent and the server does the same. What is typed and not saved is asked about
 * before the page is left.
 */

const form = document.getElementById("calendar-form");
let typed = form?.hasAttribute("data-unsaved") ?? false; // drawn again with what was typed

function emptied(row, number) {
  const copy = row.cloneNode(true);
  copy.querySelectorAll(".errors, .tag, [data-remove]").forEach((one) => one.remove());
  for (const field of copy.querySelectorAll("input")) {
    if (field.name !== "kind") field.value = "";
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    if (!field.id) continue;
    const label = copy.querySelector(`label[for="${field.id}"]`);
    field.id = `${field.name}-added-${number}`;
    if (label) label.htmlFor = field.id;
  }
  return copy;
}

function add(button) {
  const rows = form.querySelector(`.cal-rows.is-${button.dataset.add}`);
  const last = rows.lastElementChild;
  const blank = [...last.querySelectorAll("input:not([type=hidden])")].every((field) => !field.value);
  if (!blank) rows.append(emptied(last, document.querySelectorAll(".cal-row").length));
  rows.lastElementChild.querySelector("input:not([type=hidden])").focus();
}

function remove(button) {
  const row = button.closest(".cal-row");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if (!next) return;
  row.remove();
  typed = true;
  // The first row carries the visible labels; by CSS the next one takes them over.
  next.querySelector("input:not([type=hidden])")?.focus();
}

form?.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-add], button[data-remove]");
  if (!button) return;
  event.preventDefault();
  if (button.dataset.add) add(button);
  else remove(button);
});
form?.addEventListener("input", (event) => {
  if (!event.target.name?.startsWith("try_") && !event.target.name?.startsWith("offer_")) typed = true;
});
document.addEventListener("submit", () => {
  typed = false;
});
window.addEventListener("beforeunload", (event) => {
  if (typed) event.preventDefault();
});
