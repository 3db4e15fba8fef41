/*
 * While a ticket is typed the server answers after each pause: questions, guard rails, the promise. This file sees to
 * it that an answer never takes anything away that was typed meanwhile, that the draft's name stands in the address,
 * and that a finished transfer fills in its questions.
 */

const sent = new Map();

const fieldsOf = (form) => [...form.querySelectorAll("input[id], textarea[id], select[id]")].filter((field) => field.type !== "file");
const stateOf = (field) => (["checkbox", "radio"].includes(field.type) ? String(field.checked) : field.value);
const isAdvice = (event) => event.detail.elt?.hasAttribute?.("data-advice");

function remember(form) {
  sent.clear();
  for (const field of fieldsOf(form)) sent.set(field.id, stateOf(field));
}

/* What has changed in the form since the question was sent; the answer does not know of it. */
function newerThanSent(form) {
  const newer = new Map();
  for (const field of fieldsOf(form)) {
    if (sent.has(field.id) && sent.get(field.id) !== stateOf(field)) newer.set(field.id, stateOf(field));
  }
  return newer;
}

function putBack(newer) {
  for (const [id, state] of newer) {
    const field = document.getElementById(id);
    if (!field || stateOf(field) === state) continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = state === "true";
    else {
      const [from, to] = [field.selectionStart, field.selectionEnd];
      field.value = state;
      if (document.activeElement === field && from !== null) field.setSelectionRange(from, to);
    }
  }
}

function nameDraft() {
  const kept = document.getElementById("filing-kept")?.dataset.kept;
  const form = document.getElementById("filing");
  if (!kept || !form || form.closest("dialog")) return;
  const address = `${location.pathname}?resume=${encodeURIComponent(kept)}`;
  if (location.pathname + location.search !== address) history.replaceState(history.state, "", address);
}

function answer(id, value) {
  const field = document.getElementById(id);
  if (!field || (field.type !== "radio" && !value)) return false;
  if (field.type === "radio") field.checked = true;
  else field.value = value;
  return true;
}

/* A transfer that ended says when, for how long, and whether somebody answered. */
function takeTransfer(panel) {
  const said = panel.querySelector("output[data-transfer-at]");
  if (!said || panel.dataset.taken === said.dataset.transferAt) return;
  panel.dataset.taken = said.dataset.transferAt;
  const yes = said.dataset.transferAnswered === "true";
  const filled = [
    answer("id_answer_transfer_at", said.dataset.transferLocal ?? ""),
    answer(`id_answer_transfer_answered_${yes ? 0 : 1}`, ""),
    answer("id_answer_waited", said.dataset.waitedSeconds),
  ];
  if (filled.some(Boolean)) document.getElementById("filing")?.dispatchEvent(new Event("change", { bubbles: true }));
}

/* A form that nobody has touched leaves no draft. */
function touch(event) {
  const touched = document.getElementById("filing-touched");
  if (touched && event.target.closest?.("#filing")) touched.value = "yes";
}

for (const kind of ["input", "change"]) document.addEventListener(kind, touch, { capture: true });

let newer = new Map();

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = document.getElementById("filing");
  if (isAdvice(event) && form) remember(form);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = document.getElementById("filing");
  if (isAdvice(event) && form) newer = newerThanSent(form);
});
document.addEventListener("htmx:oobAfterSwap", () => putBack(newer));
document.addEventListener("htmx:afterSwap", (event) => {
  const panel = document.querySelector("[data-transfer-here]");
  if (panel) takeTransfer(panel);
});
document.addEventListener("htmx:afterRequest", (event) => {
  // One that a newer one replaced has answered nothing.
  if (!isAdvice(event) || !event.detail.successful) return;
  nameDraft();
  const sought = event.detail.requestConfig?.parameters?.[document.getElementById("id_patient_q")?.name];
  document.dispatchEvent(new CustomEvent("filing:advised", { detail: { sought } }));
});
