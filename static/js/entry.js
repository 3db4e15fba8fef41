/*
 * Entering a claim. All of it works without this file; with it
 * - what is typed is kept a moment later, its name stands in the address, and what is missing stands beside;
 * - Enter goes to the next field and never sends the form; Ctrl/⌘+Enter goes to the final review;
 * - the total and the numbers of the diagnoses follow the typing; ambulance fields show when the place asks for them.
 */

const KEEP_AFTER = 900;
const AMBULANCE = ["41", "42"];
const NEVER_KEPT = ["csrfmiddlewaretoken", "do", "version", "patient"];
const LEFT = `draft:${document.documentElement.dataset.person ?? ""}:entry-left`;
const MONEY = /^\$?\s*(\d{1,12}|\d{1,3}(,\d{3})+)?(\.\d{1,2})?$/;

const theForm = () => document.getElementById("claim-form");
const byId = (id) => document.getElementById(id);

let waiting = 0;
/* How often something was typed, how much of that was sent, and how much of it was answered. */
let typed = 0;
let asked = 0;
let kept = 0;
const unkept = () => typed !== kept;

// --- keep ----------------------------------------------------------------------------------------

function keepSoon() {
  typed += 1;
  clearTimeout(waiting);
  waiting = setTimeout(keepNow, KEEP_AFTER);
}

function keepNow() {
  clearTimeout(waiting);
  asked = typed;
  window.htmx?.trigger("#entry-live", "entry:typed");
}

/* The page goes away with words that were not kept yet: they are sent after it, and stay in this tab, for a reload
   may be quicker than what is sent. */
function keepLeaving() {
  const form = theForm();
  if (!unkept() || !form || form.dataset.sent) return;
  const said = new FormData(form);
  said.set("do", "keep");
  try {
    const words = [...said].filter(([name, value]) => !NEVER_KEPT.includes(name) && typeof value === "string");
    sessionStorage.setItem(LEFT, JSON.stringify({ at: location.pathname + location.search, said: words }));
  } catch {
    // Storage may be forbidden; what was sent is kept all the same.
  }
  fetch(form.action, { method: "POST", body: said, keepalive: true, credentials: "same-origin" }).catch(() => {});
}

/* The words with which this tab left the same address a moment ago; never into a form that says what is wrong. */
function takeUp() {
  const form = theForm();
  let left = null;
  try {
    left = JSON.parse(sessionStorage.getItem(LEFT) ?? "null");
    sessionStorage.removeItem(LEFT);
  } catch {
    // Nothing that could be read was left.
  }
  if (!form || left?.at !== location.pathname + location.search || document.querySelector("[aria-invalid=true], .conflict")) return;
  for (const field of form.elements) {
    if (!field.name || field.type === "submit" || NEVER_KEPT.includes(field.name)) continue;
    const values = left.said.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
  keepSoon();
}

/* The address leads back to what was kept, also after a reload or the Back button. */
function nameDraft() {
  const here = byId("entry-kept")?.dataset.kept;
  if (here && location.pathname + location.search !== here) history.replaceState(history.state, "", here + location.hash);
}

// --- what follows the typing ---------------------------------------------------------------------

function total(form) {
  let cents = 0;
  for (const field of form.querySelectorAll("input[name^=charges-][name$=-amount]")) {
    const typed = field.value.trim();
    if (typed && MONEY.test(typed)) cents += Math.round(Number(typed.replace(/[$,\s]/g, "")) * 100);
  }
  const said = byId("entry-total");
  if (said) said.textContent = (cents / 100).toLocaleString("en-US", { style: "currency", currency: "USD" });
}

function countDiagnoses(form) {
  const echo = byId("diagnosis-echo");
  if (!echo) return;
  const codes = (form.elements.diagnoses?.value ?? "").toUpperCase().split(/[\s,;]+/).filter(Boolean);
  echo.replaceChildren(...codes.flatMap((code, place) => {
    const number = Object.assign(document.createElement("b"), { textContent: String(place + 1) });
    const one = Object.assign(document.createElement("span"), { className: "nowrap" });
    one.append(number, ` ${code}`);
    return [one, " "];
  }));
}

function showAmbulance(form) {
  const part = form.querySelector("[data-ambulance]");
  const place = form.elements.place_of_service?.value;
  if (!part) return;
  const typed = [...part.querySelectorAll("input, select")].some((field) =>
    ["checkbox", "radio"].includes(field.type) ? field.checked : field.value.trim());
  const wrong = part.querySelector("[aria-invalid=true]");
  part.hidden = !AMBULANCE.includes(place) && !typed && !wrong;
}

function showSubscriber(field) {
  if (!field.name?.endsWith("-relationship")) return;
  const more = field.closest("fieldset")?.querySelector("[data-subscriber]");
  if (more) more.open = field.value !== "self" || [...more.querySelectorAll("input, select")].some((one) => one.value.trim());
}

function follow(event) {
  const form = theForm();
  if (!form || event.target.form !== form) return;
  total(form);
  countDiagnoses(form);
  if (event.type === "change") {
    showAmbulance(form);
    showSubscriber(event.target);
  }
  keepSoon();
}

// --- keys ----------------------------------------------------------------------------------------

const reachable = (field) =>
  !field.disabled && field.type !== "hidden" && field.offsetParent !== null && !field.closest("details:not([open])");

function nextField(event) {
  const field = event.target;
  const form = theForm();
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!form || field.form !== form || !field.matches("input, select")) return;
  event.preventDefault();
  if (field.dataset.enter) return byId(field.dataset.enter)?.click();
  // Never onto a button: whoever presses Enter once too often would press it.
  const fields = [...form.elements].filter((one) => one.matches("input, select") && reachable(one));
  const place = fields.indexOf(field) + (event.shiftKey ? -1 : 1);
  fields[place]?.focus();
  fields[place]?.select?.();
}

// --- words typed while an answer was on its way -------------------------------------------------

const sent = new Map();
let newer = new Map();

const boxes = (form) => [...form.querySelectorAll("input[id], select[id], textarea[id]")];
const stateOf = (field) => (["checkbox", "radio"].includes(field.type) ? String(field.checked) : field.value);

function remember() {
  sent.clear();
  for (const field of theForm() ? boxes(theForm()) : []) sent.set(field.id, stateOf(field));
}

function newerThanSent() {
  const changed = boxes(theForm()).filter((field) => sent.has(field.id) && sent.get(field.id) !== stateOf(field));
  return new Map(changed.map((field) => [field.id, stateOf(field)]));
}

/* Only where the answer says what was sent: a coverage that moved has moved. */
function putBack() {
  for (const [id, state] of newer) {
    const field = byId(id);
    if (!field || stateOf(field) !== sent.get(id)) continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = state === "true";
    else field.value = state;
  }
  newer = new Map();
}

const ofForm = (event) => event.detail.target?.id === "entry-frame";

// --- the form is shown anew ----------------------------------------------------------------------

function begin(mayFocus = true) {
  const form = theForm();
  if (!form) return;
  showAmbulance(form);
  total(form);
  countDiagnoses(form);
  if (!mayFocus) return;
  const goes = byId("entry")?.dataset.goesTo;
  const field = goes && byId(goes);
  if (!field) return;
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: "nearest" });
}

document.addEventListener("input", follow);
document.addEventListener("change", follow);
document.addEventListener("keydown", nextField);
document.addEventListener("htmx:beforeRequest", (event) => {
  if (ofForm(event)) remember();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!ofForm(event)) return;
  newer = newerThanSent();
  // A button that could not do its work shows the form with the reason.
  if (![400, 409].includes(event.detail.xhr.status)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (ofForm(event)) {
    const typing = newer.size > 0;
    putBack();
    begin(!typing);
    keepNow();
  } else {
    nameDraft();
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt?.id === "entry-live" && event.detail.successful) kept = asked;
});
addEventListener("pagehide", keepLeaving);
document.addEventListener("visibilitychange", () => {
  if (document.hidden && unkept()) keepNow();
});
takeUp();
begin();
