/*
 * Files of a form. A file chosen in the filing form goes up at once (htmx), so that filing need not wait for it; on a
 * ticket's page it waits for its button. Both take a picture that is pasted and files that are dropped. What is too
 * large is told before it is sent. A form that is sent while a file is on its way waits for it.
 * Without this file one chooses and presses Attach.
 */

const FIELD = "[data-files], [data-files-here]";
const inputOf = (field) => field.querySelector("input[type=file]");
const isFile = (target) => target instanceof HTMLInputElement && target.type === "file" && target.closest(FIELD);
const busy = new Map(); // a form, and what to press once its files have arrived

function say(field, words) {
  const status = field.querySelector("[data-files-status]");
  if (status) status.textContent = words;
}

/* What the server would say too, before it is sent there. */
function tooLarge(input) {
  const sizes = [...input.files].map((file) => file.size);
  if (sizes.some((size) => size > Number(input.dataset.most))) return `A file is larger than ${input.dataset.each}. Send a smaller one.`;
  const together = sizes.reduce((sum, size) => sum + size, 0);
  if (together > Number(input.dataset.mostAtOnce)) return `These are more than ${input.dataset.atOnce} together. Send them one after the other.`;
  return "";
}

function complain(field, words) {
  const input = inputOf(field);
  let list = field.querySelector(".errors[data-here]");
  list?.remove();
  input.toggleAttribute("aria-invalid", false);
  if (!words) return;
  list = Object.assign(document.createElement("ul"), { className: "errors" });
  list.dataset.here = "";
  list.append(Object.assign(document.createElement("li"), { textContent: words }));
  field.append(list);
  input.setAttribute("aria-invalid", "true");
  say(field, words);
}

/* The page around need not ask the rules about a file that is still on its way. */
const hush = (event) => isFile(event.target) && event.stopPropagation();

function prepare(root) {
  for (const field of root.querySelectorAll("[data-files]")) {
    for (const name of ["change", "input"]) field.addEventListener(name, hush);
  }
  for (const button of root.querySelectorAll("[data-without-files-script]")) button.hidden = true;
  for (const words of root.querySelectorAll("[data-with-files-script]")) words.hidden = false;
}

/* Added to what is chosen already; the picker's own choice replaces it. */
function add(field, files) {
  const input = inputOf(field);
  const all = new DataTransfer();
  for (const file of [...input.files, ...files]) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// --- choosing -----------------------------------------------------------------------------------

/* Before htmx hears of it. */
document.addEventListener("change", (event) => {
  if (!isFile(event.target)) return;
  const field = event.target.closest(FIELD);
  const words = tooLarge(event.target);
  complain(field, words);
  if (words) {
    event.target.value = "";
    event.stopImmediatePropagation();
  }
}, true);

// --- paste and drop -----------------------------------------------------------------------------

function fieldFor(target) {
  const near = target.closest?.(FIELD);
  if (near) return near;
  const all = [...document.querySelectorAll(FIELD)].filter((field) => field.checkVisibility?.() ?? true);
  return all.length === 1 ? all[0] : null;
}

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const field = files.length ? fieldFor(event.target) : null;
  // Copied cells of a sheet come as text and as a picture: where text can be typed, text is meant.
  const types = event.target.matches?.("input:not([type=file]), textarea") && event.clipboardData.types.includes("text/plain");
  if (!field || types) return;
  event.preventDefault();
  add(field, files);
});

const zoneAt = (event) => (event.dataTransfer?.types.includes("Files") ? fieldFor(event.target) : null);
const dropOf = (field) => (field.matches(".file-drop") ? field : field.querySelector(".file-drop"));

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const field = zoneAt(event);
    if (!field) return;
    event.preventDefault();
    dropOf(field).classList.toggle("is-over", name === "dragover");
    if (name === "drop") add(field, event.dataTransfer.files);
  });
}

// --- on the way ---------------------------------------------------------------------------------

const fieldOf = (event) => event.detail.elt?.closest?.("[data-files]");

document.addEventListener("htmx:beforeSend", (event) => {
  const field = fieldOf(event);
  if (!field) return;
  const input = inputOf(field);
  if (event.detail.elt === input) {
    say(field, input.files.length === 1 ? "Sending the file." : `Sending ${input.files.length} files.`);
    input.value = ""; // it is on its way; the form need not send it again
  }
  if (field.closest("form")) busy.set(field.closest("form"), null);
});

document.addEventListener("htmx:xhr:progress", (event) => {
  const field = fieldOf(event);
  const bar = field?.querySelector("progress");
  if (!bar || !event.detail.lengthComputable || event.detail.elt !== inputOf(field)) return;
  bar.hidden = false;
  bar.value = event.detail.loaded / event.detail.total;
});

/* A refusal of ours is a field's new inside too. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const field = fieldOf(event);
  if (!field || ![400, 413].includes(event.detail.xhr.status)) return;
  if (!event.detail.xhr.responseText.includes("files-inside")) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

document.addEventListener("htmx:afterRequest", (event) => {
  const field = fieldOf(event);
  if (!field) return;
  const bar = field.querySelector("progress");
  if (bar) bar.hidden = true;
  const inside = field.querySelector(".files-inside");
  const wrong = inside.querySelector(".errors");
  field.classList.toggle("has-errors", Boolean(wrong));
  if (event.detail.successful || wrong) arrived(field, inside, wrong);
  else complain(field, "This did not go up. Choose it again, or send a smaller file.");
  goOn(field.closest("form"), event.detail.successful && !wrong);
});

function arrived(field, inside, wrong) {
  const input = inputOf(field);
  if (wrong) input.setAttribute("aria-invalid", "true");
  say(field, inside.dataset.said);
  if (!document.activeElement || document.activeElement === document.body) input.focus({ preventScroll: true });
  field.dispatchEvent(new Event("change", { bubbles: true })); // now the rules may look at it
}

/* Press once more what was pressed meanwhile; not when something went wrong that nobody has read yet. */
function goOn(form, well) {
  if (!form || !busy.has(form)) return;
  const pressed = busy.get(form);
  busy.delete(form);
  if (pressed && well) form.requestSubmit(pressed);
}

document.addEventListener("submit", (event) => {
  if (!busy.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  busy.set(event.target, event.submitter);
  const field = event.target.querySelector("[data-files]");
  if (field) say(field, "A file is still on its way. The form is sent when it has arrived.");
}, true);

document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
document.addEventListener("htmx:oobAfterSwap", (event) => prepare(event.target));
prepare(document);
