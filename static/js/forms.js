/*
 * Small kindnesses of forms; every one of them works without this file.
 * data-focus            takes the focus when it appears (the list of what to put right)
 * data-submit-on-change sends itself when changed; its [data-without-script] button goes
 * data-keep="name"      keeps what was typed in this tab until the form is sent
 * a form is sent once, however often it is clicked, with the token of this moment: signing in in another tab changes
 * it. A form of somebody who is not signed in any more, because another person is, is not sent at all.
 * toasts                may be dismissed; good news leaves by itself
 */

const GOOD_NEWS_STAYS = 10_000;
const SENT_AGAIN_AFTER = 8_000;
const PERSON = document.documentElement.dataset.person ?? "";
const NEVER_KEPT = "[type=password], [type=file], [type=hidden]";

function focusAsked(root) {
  const asked = root.matches?.("[data-focus]") ? root : root.querySelector?.("[data-focus]");
  asked?.focus();
}

function draftOf(form) {
  const kept = {};
  for (const field of form.elements) {
    if (!field.name || field.matches(NEVER_KEPT) || field.type === "submit") continue;
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) (kept[field.name] ??= []).push(field.value);
      else kept[field.name] ??= [];
    } else {
      kept[field.name] = [field.value];
    }
  }
  return kept;
}

function restoreDraft(form, kept) {
  for (const field of form.elements) {
    if (!field.name || field.matches(NEVER_KEPT) || !(field.name in kept)) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = kept[field.name].includes(field.value);
    else if (field.type !== "submit" && kept[field.name].length) field.value = kept[field.name][0];
  }
}

function keepDraft(form) {
  const key = `draft:${PERSON}:${form.dataset.keep}`;
  try {
    const kept = sessionStorage.getItem(key);
    // What the server sent back after a refusal is newer than what this tab kept.
    if (kept && !form.querySelector("[data-focus], [aria-invalid=true]") && !document.querySelector("[data-focus]")) {
      restoreDraft(form, JSON.parse(kept));
    }
    form.addEventListener("input", () => sessionStorage.setItem(key, JSON.stringify(draftOf(form))));
    form.addEventListener("submit", () => sessionStorage.removeItem(key));
  } catch {
    // Storage may be full or forbidden; the form works without a draft.
  }
}

/* A draft belongs to who typed it: the next person at this desk finds none. */
function forgetOthersDrafts() {
  if (!PERSON) return;
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith("draft:") && !key.startsWith(`draft:${PERSON}:`)) sessionStorage.removeItem(key);
    }
  } catch {
    // No storage, nothing to forget.
  }
}

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/* Whoever signed in last in this browser is not whose page this is. */
function someoneElseIsHere() {
  const here = cookie("holdline_person").replaceAll('"', "").split(":")[0];
  return PERSON !== "" && here !== "" && here !== PERSON;
}

function renewToken(form) {
  const token = cookie("csrftoken");
  if (!token) return;
  for (const field of form.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
}

function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (someoneElseIsHere()) {
    event.preventDefault();
    event.stopImmediatePropagation();
    document.dispatchEvent(new CustomEvent("holdline:other-person"));
    return;
  }
  renewToken(form);
  if (form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, SENT_AGAIN_AFTER);
}

function dismissable(toast) {
  const close = toast.querySelector("[data-dismiss]");
  if (!close) return;
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
  if (!["success", "info"].includes(toast.dataset.toast)) return;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
  setTimeout(leave, GOOD_NEWS_STAYS);
}

function prepare(root) {
  focusAsked(root);
  for (const toast of root.querySelectorAll("[data-toast]")) dismissable(toast);
  for (const form of root.querySelectorAll("form[data-keep]")) keepDraft(form);
  for (const form of root.querySelectorAll("form[data-submit-on-change]")) {
    for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
    form.addEventListener("change", () => form.requestSubmit());
  }
}

document.addEventListener("submit", sendOnce);
document.addEventListener("htmx:configRequest", (event) => {
  const token = cookie("csrftoken");
  if (token) event.detail.headers["X-CSRFToken"] = token;
});
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector("[data-copy-from]").textContent);
    button.querySelector("span").textContent = "Copied";
  });
}
document.addEventListener("htmx:afterSwap", (event) => focusAsked(event.target));
window.addEventListener("pageshow", (event) => {
  // Coming back by the Back button: the form may be sent again.
  if (event.persisted) for (const form of document.forms) delete form.dataset.sent;
});
forgetOthersDrafts();
prepare(document);
