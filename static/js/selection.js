/*
 * Ticked rows: <form data-selection> around boxes of class "pick" (data-amount="850.00" where money is involved),
 * boxes [data-select-all="name"] that tick every box of that name (all of them without a name), and a
 * [data-selection-bar]. Counts, adds up in whole cents, hides the bar when nothing is ticked; Shift ticks a
 * stretch. Boxes of several names are counted apart, and what has data-for="name" shows only for those.
 */

const VERBS = { queue: "to queue", clear: "to clear" };

function cents(text) {
  const match = /^(-?\d+)(?:\.(\d{1,2}))?$/.exec(text ?? "");
  if (!match) return 0;
  const rest = Number((match[2] ?? "0").padEnd(2, "0"));
  return Number(match[1]) * 100 + (match[1].startsWith("-") ? -rest : rest);
}

const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

function dollars(picked) {
  if (!picked.some((box) => box.dataset.amount)) return "";
  const total = picked.reduce((sum, box) => sum + cents(box.dataset.amount), 0);
  return ` · ${money.format(total / 100)}`;
}

function describe(picked, noun) {
  const names = [...new Set(picked.map((box) => box.name))];
  const apart = names.map((name) => {
    const own = picked.filter((box) => box.name === name);
    return `${own.length.toLocaleString("en-US")} ${VERBS[name] ?? "selected"}${dollars(own)}`;
  });
  if (names.length > 1) return apart.join(", ");
  const counted = picked.length === 1 ? noun.replace(/s$/, "") : noun;
  return `${picked.length.toLocaleString("en-US")} ${counted} selected${dollars(picked)}`;
}

function boxesOf(form, name = "") {
  const named = name ? `[name="${CSS.escape(name)}"]` : "";
  return [...form.querySelectorAll(`.pick${named}:not(:disabled)`)];
}

function update(form) {
  const picked = boxesOf(form).filter((box) => box.checked);
  for (const all of form.querySelectorAll("[data-select-all]")) {
    const own = boxesOf(form, all.dataset.selectAll);
    const ticked = own.filter((box) => box.checked).length;
    all.checked = own.length > 0 && ticked === own.length;
    all.indeterminate = ticked > 0 && ticked < own.length;
    all.disabled = own.length === 0;
  }
  for (const bar of form.querySelectorAll("[data-selection-bar]")) {
    bar.hidden = picked.length === 0;
    for (const part of bar.querySelectorAll("[data-for]")) {
      part.hidden = !picked.some((box) => box.name === part.dataset.for);
    }
    const count = bar.querySelector("[data-selection-count]");
    if (count && picked.length) count.textContent = describe(picked, count.dataset.noun ?? "rows");
  }
}

function watch(form) {
  let last = null;
  form.addEventListener("click", (event) => {
    const box = event.target.closest(".pick");
    if (!box) return;
    if (event.shiftKey && last?.isConnected && last.name === box.name) {
      const boxes = boxesOf(form, box.name);
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const between of boxes.slice(Math.max(from, 0), to + 1)) between.checked = box.checked;
    }
    last = box;
  });
  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-select-none]")) return;
    for (const box of boxesOf(form)) box.checked = false;
    update(form);
    (last ?? form.querySelector(".pick"))?.focus();
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) {
      for (const box of boxesOf(form, event.target.dataset.selectAll)) box.checked = event.target.checked;
    }
    update(form);
  });
  form.addEventListener("htmx:afterSwap", () => update(form));
  // Going back in the browser brings ticks back after this has run.
  window.addEventListener("pageshow", () => update(form));
  update(form);
}

for (const form of document.querySelectorAll("form[data-selection]")) watch(form);
