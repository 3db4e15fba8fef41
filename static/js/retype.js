/*
 * The page on which a ticket's type is changed: what the new type asks and which dates result, as soon as something
 * is chosen. Without this file the button "Show what it asks" does the same. What is typed meanwhile stays.
 */

const LIVE = ["retype-questions", "retype-dates"];
const CHOSEN = "select, input[type=radio], input[type=checkbox]";
const WORDS = "textarea, input:not([type=radio], [type=checkbox], [type=hidden], [type=file])";

const form = document.querySelector("form[data-looks]");
let asked = 0;

async function look() {
  const mine = ++asked;
  const sent = new FormData(form);
  sent.set("do", "look");
  for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: sent, credentials: "same-origin", redirect: "manual" });
  } catch {
    return; // the button still asks, and says what is wrong
  }
  if (!answer.ok || mine !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine === asked) LIVE.forEach((id) => replace(document.getElementById(id), page.getElementById(id)));
}

/* What was typed since the question went out stays typed, and the focus where it is. */
function replace(old, fresh) {
  if (!old || !fresh) return;
  const held = document.activeElement;
  const focus = old.contains(held) ? held.id : "";
  const marks = focus && held.matches(WORDS) ? [held.selectionStart, held.selectionEnd] : null;
  for (const field of old.querySelectorAll(WORDS)) {
    const twin = field.id && fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (twin) twin.value = field.value;
  }
  for (const kept of old.querySelectorAll("[data-files]")) fresh.querySelector(`#${CSS.escape(kept.id)}`)?.replaceWith(kept);
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  const again = focus && document.getElementById(focus);
  if (!again) return;
  again.focus();
  if (marks && marks[0] !== null) again.setSelectionRange(...marks);
}

form?.addEventListener("change", (event) => {
  if (event.target.matches(CHOSEN)) look();
});
