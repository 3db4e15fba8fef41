/*
 * Ticked rows: <form data-selection> around boxes of class "pick" (data-amount="850.00" where money is involved),
 * one box [data-select-all] and a [data-selection-bar]. Counts, adds up in whole cents, hides the bar when nothing
 * is ticked; Shift ticks a stretch.
 */

function cents(text) {
  const match = /^(-?\d+)(?:\.(\d{1,2}))?$/.exec(text ?? "");
  if (!match) return 0;
  const rest = Number((match[2] ?? "0").padEnd(2, "0"));
  return Number(match[1]) * 100 + (match[1].startsWith("-") ? -rest : rest);
}

const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

function describe(picked, noun) {
  const counted = picked.length === 1 ? noun.replace(/s$/, "") : noun;
  const words = `${picked.length.toLocaleString("en-US")} ${counted} selected`;
  if (!picked.some((box) => box.dataset.amount)) return words;
  const total = picked.reduce((sum, box) => sum + cents(box.dataset.amount), 0);
  return `${words} · ${money.format(total / 100)}`;
}

function update(form) {
  const boxes = [...form.querySelectorAll(".pick:not(:disabled)")];
  const picked = boxes.filter((box) => box.checked);
  for (const all of form.querySelectorAll("[data-select-all]")) {
    all.checked = boxes.length > 0 && picked.length === boxes.length;
    all.indeterminate = picked.length > 0 && picked.length < boxes.length;
  }
  for (const bar of form.querySelectorAll("[data-selection-bar]")) {
    bar.hidden = picked.length === 0;
    const count = bar.querySelector("[data-selection-count]");
    if (count && picked.length) count.textContent = describe(picked, count.dataset.noun ?? "rows");
  }
}

function watch(form) {
  let last = null;
  form.addEventListener("click", (event) => {
    const box = event.target.closest(".pick");
    if (!box) return;
    if (event.shiftKey && last) {
      const boxes = [...form.querySelectorAll(".pick:not(:disabled)")];
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const between of boxes.slice(Math.max(from, 0), to + 1)) between.checked = box.checked;
    }
    last = box;
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) {
      for (const box of form.querySelectorAll(".pick:not(:disabled)")) box.checked = event.target.checked;
    }
    update(form);
  });
  form.addEventListener("htmx:afterSwap", () => update(form));
  update(form);
}

for (const form of document.querySelectorAll("form[data-selection]")) watch(form);
