/*
 * Customize columns: the arrows move a column in place and say so; a column can also be dragged by its grip.
 * Without this file each arrow sends the form. Save and Reset are sent either way.
 */

function say(form, item) {
  const places = [...item.parentElement.children];
  const said = form.querySelector("[data-columns-said]");
  said.textContent = `${item.dataset.label} is column ${places.indexOf(item) + 1} of ${places.length} now.`;
}

function move(form, item, step) {
  const beside = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!beside) return;
  if (step < 0) beside.before(item);
  else beside.after(item);
  mark(form);
  say(form, item);
}

/* The first cannot go up, the last not down; both keep their place in the tab order. */
function mark(form) {
  const places = [...form.querySelectorAll(".column-place")];
  places.forEach((item, index) => {
    item.querySelector("[name=up]").setAttribute("aria-disabled", String(index === 0));
    item.querySelector("[name=down]").setAttribute("aria-disabled", String(index === places.length - 1));
    item.classList.toggle("is-off", !item.querySelector("[name=shown]").checked);
  });
}

function drag(form, list) {
  let held = null;
  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".grip");
    if (!grip || event.button !== 0) return;
    held = grip.closest(".column-place");
    held.classList.add("is-held");
    list.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  list.addEventListener("pointermove", (event) => {
    if (!held) return;
    for (const item of list.children) {
      if (item === held) continue;
      const box = item.getBoundingClientRect();
      const middle = box.top + box.height / 2;
      const before = item.compareDocumentPosition(held) & Node.DOCUMENT_POSITION_PRECEDING;
      if (before && event.clientY > middle) item.after(held);
      else if (!before && event.clientY < middle) {
        item.before(held);
        break;
      }
    }
  });
  const drop = () => {
    if (!held) return;
    held.classList.remove("is-held");
    mark(form);
    say(form, held);
    held = null;
  };
  list.addEventListener("pointerup", drop);
  list.addEventListener("pointercancel", drop);
}

for (const form of document.querySelectorAll("[data-columns-form]")) {
  const list = form.querySelector("[data-columns]");
  const first = list.innerHTML;
  list.classList.add("can-drag");
  form.addEventListener("click", (event) => {
    const arrow = event.target.closest("[name=up], [name=down]");
    if (!arrow) return;
    event.preventDefault();
    move(form, arrow.closest(".column-place"), arrow.name === "up" ? -1 : 1);
    arrow.focus();
  });
  form.addEventListener("change", () => mark(form));
  // Cancel puts back what was there, so that opening the dialog again shows what is saved.
  form.closest("dialog")?.addEventListener("close", () => {
    list.innerHTML = first;
    mark(form);
  });
  drag(form, list);
  mark(form);
}
