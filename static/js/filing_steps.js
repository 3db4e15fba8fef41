/*
 * Filing without a mouse. In a choice a digit chooses, and the cursor goes on to what is not answered
 * yet; Return goes on from a line of text, and in the patient's field takes the first one found. What is typed while
 * the page waits for the server is not lost: it is typed where the cursor goes.
 * Alt with the letter of [data-alt-key] presses that button, also while typing.
 */

const PATIENCE = 1500;
const OPENING = 10000;
const LINES = "input[type=text], input[type=tel], input[type=email], input[type=number], input[type=date], input[type=datetime-local], textarea";
const formOf = (element) => element?.closest?.("#filing");
const visible = (element) => element.getClientRects().length > 0 && !element.disabled;

let waiting = null; // {from, timer}: the cursor goes on from here when the server has answered; {opening} while the dialog is fetched
let typedMeanwhile = [];
let picking = false;

// --- where the cursor goes -------------------------------------------------------------------------

/* The places of a form that want an answer, in their order: choices, ticks and lines. */
function places(form) {
  const boxes = [...form.querySelectorAll("[data-step] fieldset, fieldset[data-step], .question, .type-box, #id_patient_q, .guard, #id_note")];
  const found = [];
  for (const box of boxes) {
    if (box.matches("fieldset")) found.push(box);
    else if (box.matches("input, textarea")) found.push(box);
    else found.push(...box.querySelectorAll(box.matches(".guard") ? "input[type=checkbox]" : LINES));
  }
  return [...new Set(found)].filter(visible);
}

function isAnswered(place) {
  if (place.matches("fieldset")) return Boolean(place.querySelector("input:checked"));
  if (place.type === "checkbox") return place.checked;
  if (place.matches("#id_patient_q")) return Boolean(formOf(place).querySelector("input[name=patient]:checked, input[name=patient][type=hidden]"));
  if (place.matches(".type-box")) return Boolean(formOf(place).querySelector("select[name=type]").value);
  return place.value !== "";
}

function focusOn(place) {
  const field = place.matches("fieldset") ? place.querySelector("input:checked") ?? place.querySelector("input") : place;
  field?.focus();
  if (field?.matches("textarea, input[type=text]")) field.setSelectionRange?.(field.value.length, field.value.length);
}

/* On from a place to the next that is not answered; past the last to the note. */
function goOn(from) {
  const form = document.getElementById("filing");
  if (!form) return;
  const all = places(form);
  const here = all.findIndex((place) => place.id === from || place.contains(document.getElementById(from)));
  const next = all.slice(here + 1).find((place) => !isAnswered(place) && place.id !== "id_note");
  const before = all.slice(0, Math.max(here, 0)).find((place) => !isAnswered(place) && place.id !== "id_note" && place.matches("fieldset, .type-box, #id_patient_q"));
  const target = next ?? before ?? form.querySelector("#id_note");
  if (target) focusOn(target);
}

/* The answer of the server may bring a question that comes next: wait for it, not for ever. */
function goOnAfterAnswer(from) {
  clearTimeout(waiting?.timer);
  waiting = { from, timer: setTimeout(arrived, PATIENCE) };
}

function arrived() {
  if (!waiting) return;
  const { from, timer } = waiting;
  clearTimeout(timer);
  waiting = null;
  goOn(from);
  const keys = typedMeanwhile;
  typedMeanwhile = [];
  keys.forEach((key, index) => (waiting ? typedMeanwhile.push(...keys.splice(index)) : typeIn(document.activeElement, key)));
}

/* The dialog is being fetched: its first field gets what is typed until then. */
function opening() {
  clearTimeout(waiting?.timer);
  typedMeanwhile = [];
  waiting = { opening: true, timer: setTimeout(notOpened, OPENING) };
}

function notOpened() {
  if (!waiting?.opening) return;
  clearTimeout(waiting.timer);
  waiting = null;
  typedMeanwhile = [];
}

const ofDialog = (event) => waiting?.opening && event.detail.target?.id === "filing-dialog-body";

/* Type a key that was pressed while the cursor was on its way. */
function typeIn(field, key) {
  if (key === "Ctrl+Enter") return field.closest("form")?.querySelector("[data-submit-key]")?.click();
  if (key === "Enter") return onReturn(field);
  if (field.matches("[type=radio], [type=checkbox]")) return chooseByKey(field, key);
  if (!field.matches("input, textarea")) return undefined;
  if (field.setRangeText && field.selectionStart !== null) field.setRangeText(key, field.selectionStart, field.selectionEnd, "end");
  else field.value += key;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

// --- answering by key ------------------------------------------------------------------------------

function nth(fieldset, key) {
  const inputs = [...fieldset.querySelectorAll("input[type=radio], input[type=checkbox]")];
  return /^[1-9]$/.test(key) ? inputs[Number(key) - 1] : undefined;
}

/* A digit in a choice: of one it chooses and goes on, of several it ticks and stays. */
function chooseByKey(field, key) {
  const fieldset = field.closest("fieldset");
  if (!fieldset) {
    return field.type === "checkbox" && key === "1" && tick(field);
  }
  const chosen = nth(fieldset, key);
  if (!chosen) return false;
  if (chosen.type === "checkbox") chosen.checked = !chosen.checked;
  else chosen.checked = true;
  chosen.focus();
  if (chosen.type === "radio") goOnAfterAnswer(chosen.id);
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function tick(box) {
  const from = box.closest(".question")?.querySelector("[id]")?.id ?? box.id;
  box.checked = true;
  goOnAfterAnswer(from);
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function onReturn(field) {
  if (field.matches("#id_patient_q")) return pickPatient(field);
  if (field.matches("[type=checkbox]") && !field.closest("fieldset")) return tick(field);
  if (field.matches(".type-box, button, a, select, summary")) return false;
  if (field.matches("textarea") && !field.closest(".question")) return false;
  goOn(field.closest("fieldset")?.id || field.id);
  return true;
}

// --- the patient -----------------------------------------------------------------------------------

let searchedFor = "";

function pickPatient(box) {
  if (!box.value.trim()) {
    goOn(box.id);
    return true;
  }
  if (box.value !== searchedFor) {
    picking = true;
    waiting = { from: box.id, timer: setTimeout(arrived, 2 * PATIENCE) };
    box.form.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }
  takeFirst(box);
  return true;
}

function takeFirst(box) {
  picking = false;
  const first = box.form.querySelector("#filing-matches input[name=patient]");
  if (!first) {
    waiting = null;
    typedMeanwhile = [];
    return addByName(box);
  }
  first.checked = true;
  box.value = searchedFor = "";
  goOnAfterAnswer(box.id);
  first.dispatchEvent(new Event("change", { bubbles: true }));
  return undefined;
}

/* Nobody of that name: the few facts of a new patient, with what was typed. */
function addByName(box) {
  const more = document.getElementById("filing-new-patient");
  if (!more) return;
  more.open = true;
  const words = box.value.trim().split(/\s+/).filter((word) => /^\p{L}[\p{L}'’-]*$/u.test(word));
  const [first, last] = ["first_name", "last_name"].map((name) => document.getElementById(`id_new-${name}`));
  if (words.length > 1 && !first.value && !last.value) [first.value, last.value] = [words[0], words.slice(1).join(" ")];
  (first.value ? document.getElementById("id_new-date_of_birth") : first).focus();
}

// --- listening -------------------------------------------------------------------------------------

function hold(event) {
  const typed = event.key === "Enter" && (event.ctrlKey || event.metaKey) ? "Ctrl+Enter" : event.key;
  if (typed !== "Ctrl+Enter" && (event.ctrlKey || event.metaKey || event.altKey)) return;
  if (typed.length > 1 && !["Enter", "Ctrl+Enter"].includes(typed)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!event.repeat) typedMeanwhile.push(typed);
}

function byAlt(event) {
  const letter = event.code.replace("Key", "").toLowerCase();
  const button = [...document.querySelectorAll(`[data-alt-key="${CSS.escape(letter)}"]`)].find(visible);
  if (!button) return;
  event.preventDefault();
  button.click();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (waiting?.opening) return event.key === "Escape" ? notOpened() : hold(event);
  if (!formOf(event.target)) return;
  if (waiting) return hold(event);
  if (event.altKey && !event.ctrlKey && event.code?.startsWith("Key")) return byAlt(event);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target;
  if (event.key === "Enter" && !event.shiftKey && field.matches("input, textarea")) {
    if (onReturn(field)) event.preventDefault();
  } else if (event.key.length === 1 && field.matches("[type=radio], [type=checkbox]") && chooseByKey(field, event.key)) {
    event.preventDefault();
  }
}, { capture: true });

document.addEventListener("filing:opening", opening);
document.addEventListener("htmx:afterSettle", (event) => ofDialog(event) && arrived());
for (const trouble of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(trouble, (event) => ofDialog(event) && notOpened());
}
document.addEventListener("filing:answered", (event) => goOnAfterAnswer(event.target.id));
document.addEventListener("filing:advised", (event) => {
  if (waiting?.opening) return;
  const box = document.getElementById("id_patient_q");
  if (box) searchedFor = event.detail.sought ?? box.value;
  // An answer to what was asked before the name was typed whole knows nobody of it; the next one is under way.
  if (picking && box && searchedFor !== box.value) return;
  if (picking && box) return takeFirst(box);
  arrived();
});
