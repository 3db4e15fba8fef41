/*
 * Entering a claim. All of it works without this file; with it
 * - what is typed is kept a moment later, its name stands in the address, and what is missing stands beside;
 * - Enter goes to the next field and never sends the form; Ctrl/⌘+Enter goes to the final review;
 * - the total and the numbers of the diagnoses follow the typing; ambulance fields show when the place asks for them.
 */

const KEEP_AFTER = 900;
const AMBULANCE = ["41", "42"];
const MONEY = /^\$?\s*(\d{1,12}|\d{1,3}(,\d{3})+)?(\.\d{1,2})?$/;

const theForm = () => document.getElementById("claim-form");
const byId = (id) => document.getElementById(id);

let waiting = 0;
let unkept = false;

// --- keep ----------------------------------------------------------------------------------------

function keepSoon() {
  unkept = true;
  clearTimeout(waiting);
  waiting = setTimeout(keepNow, KEEP_AFTER);
}

function keepNow() {
  clearTimeout(waiting);
  unkept = false;
  window.htmx?.trigger("#entry-live", "entry:typed");
}

/* The page goes away with words that were not kept yet: they are sent after it. */
function keepLeaving() {
  const form = theForm();
  if (!unkept || !form || form.dataset.sent) return;
  unkept = false;
  const said = new FormData(form);
  said.set("do", "keep");
  fetch(form.action, { method: "POST", body: said, keepalive: true, credentials: "same-origin" }).catch(() => {});
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
  if (more && field.value !== "self") more.open = true;
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

const reachable = (field) => !field.disabled && field.type !== "hidden" && field.tabIndex >= 0 && field.offsetParent !== null;

function nextField(event) {
  const field = event.target;
  const form = theForm();
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!form || field.form !== form || !field.matches("input, select")) return;
  event.preventDefault();
  if (field.dataset.enter) return byId(field.dataset.enter)?.click();
  const fields = [...form.elements].filter((one) => one.matches("input, select, button") && reachable(one));
  const place = fields.indexOf(field) + (event.shiftKey ? -1 : 1);
  fields[place]?.focus();
  fields[place]?.select?.();
}

// --- the form is shown anew ----------------------------------------------------------------------

function begin() {
  const form = theForm();
  if (!form) return;
  showAmbulance(form);
  const goes = byId("entry")?.dataset.goesTo;
  const field = goes && byId(goes);
  if (!field) return;
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: "nearest" });
}

document.addEventListener("input", follow);
document.addEventListener("change", follow);
document.addEventListener("keydown", nextField);
document.addEventListener("htmx:beforeSwap", (event) => {
  // A button that could not do its work shows the form with the reason.
  if (event.detail.target?.id !== "entry-frame" || ![400, 409].includes(event.detail.xhr.status)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id === "entry-frame") {
    begin();
    keepNow();
  } else {
    nameDraft();
  }
});
addEventListener("pagehide", keepLeaving);
document.addEventListener("visibilitychange", () => {
  if (document.hidden && unkept) keepNow();
});
begin();
