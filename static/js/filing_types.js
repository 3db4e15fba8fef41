/*
 * The type of a ticket as a box one types into: names, other words, abbreviations. Without this file it is a list to
 * choose from; with it that list stays behind the box and holds the value.
 * <div data-types> around the select; its options carry data-also="a|b", data-purpose and data-turnaround.
 */

const NOTHING = "No type sounds like that";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const wordsOf = (text) => text.toLowerCase().split(/[^\p{L}\p{N}$]+/u).filter(Boolean);

function make(name, facts = {}, ...children) {
  const made = Object.assign(document.createElement(name), facts);
  made.append(...children);
  return made;
}

/* How well a type fits what was typed: the smaller the better; Infinity when it does not. */
function distance(type, sought) {
  const name = type.name.toLowerCase();
  const typed = sought.join(" ");
  if (name.startsWith(typed)) return 0;
  if (sought.every((word) => type.words.some((own) => own.startsWith(word)))) return 1;
  if (type.initials.startsWith(typed.replaceAll(" ", ""))) return 2;
  if (type.also.some((phrase) => phrase.startsWith(typed))) return 3;
  if (sought.every((word) => type.alsoWords.some((own) => own.startsWith(word)))) return 4;
  if (sought.every((word) => [...type.words, ...type.alsoWords, ...type.purposeWords].some((own) => own.startsWith(word)))) return 5;
  return Infinity;
}

function typesIn(select) {
  return [...select.options].filter((option) => option.value).map((option, place) => {
    const also = (option.dataset.also ?? "").toLowerCase().split("|").filter(Boolean);
    const words = wordsOf(option.text);
    return {
      key: option.value,
      name: option.text,
      place,
      purpose: option.dataset.purpose ?? "",
      turnaround: option.dataset.turnaround ?? "",
      words,
      initials: words.map((word) => word[0]).join(""),
      also,
      alsoWords: also.flatMap(wordsOf),
      purposeWords: wordsOf(option.dataset.purpose ?? ""),
    };
  });
}

function found(types, typed) {
  const sought = wordsOf(typed);
  if (!sought.length) return types;
  const near = types.map((type) => [distance(type, sought), type]).filter(([how]) => how < Infinity);
  return near.sort((a, b) => a[0] - b[0] || a[1].name.length - b[1].name.length || a[1].place - b[1].place).map(([, type]) => type);
}

/* The name with what was typed marked at the start of a word. */
function marked(name, sought) {
  const pieces = name.split(/(\s+|[()/])/);
  return pieces.map((piece) => {
    const word = sought.find((one) => piece.toLowerCase().startsWith(one));
    return word ? make("span", {}, make("mark", { textContent: piece.slice(0, word.length) }), piece.slice(word.length)) : piece;
  });
}

/* Another word by which the type was found, when its name does not show why. */
function because(type, sought) {
  if (!sought.length || sought.some((word) => type.words.some((own) => own.startsWith(word)))) return "";
  return type.also.find((phrase) => sought.every((word) => wordsOf(phrase).some((own) => own.startsWith(word)))) ?? "";
}

class TypeBox {
  constructor(holder) {
    this.holder = holder;
    this.select = holder.querySelector("select");
    this.types = typesIn(this.select);
    this.active = -1;
    this.rows = [];
    this.build();
    this.show(false);
  }

  build() {
    const { select } = this;
    const id = select.id;
    const wasFocused = document.activeElement === select || select.autofocus;
    this.box = make("input", { type: "text", id, className: "type-box", autocomplete: "off", spellcheck: false });
    this.list = make("ul", { id: `${id}-list`, className: "type-list" });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Types");
    for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-autocomplete", "list"], ["aria-controls", this.list.id]]) this.box.setAttribute(name, value);
    for (const name of ["aria-invalid", "aria-describedby"]) if (select.hasAttribute(name)) this.box.setAttribute(name, select.getAttribute(name));
    select.id = `${id}_value`;
    select.hidden = true;
    select.autofocus = false;
    this.box.value = this.chosenName();
    select.before(this.box);
    select.after(this.list);
    this.box.addEventListener("input", () => this.search());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("focus", () => this.box.select());
    this.box.addEventListener("click", () => this.search(""));
    this.box.addEventListener("blur", () => this.leave());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.pick(event.target.closest("[role=option]")));
    if (wasFocused) this.box.focus();
  }

  chosenName() {
    return this.types.find((type) => type.key === this.select.value)?.name ?? "";
  }

  search(typed = this.box.value) {
    const sought = wordsOf(typed);
    this.rows = found(this.types, typed);
    this.list.replaceChildren(...this.rows.map((type, index) => this.row(type, index, sought)));
    if (!this.rows.length) this.list.append(make("li", { className: "type-none", textContent: NOTHING }));
    if (document.getElementById("which-ticket")) this.list.append(this.unsure());
    this.show(true);
    this.mean(0);
  }

  row(type, index, sought) {
    const why = because(type, sought);
    const row = make(
      "li",
      { id: `${this.list.id}-${index}`, className: "type-option" },
      make("span", { className: "type-name" }, ...marked(type.name, sought)),
      make("span", { className: "type-time", textContent: type.turnaround }),
      make("span", { className: "type-purpose", textContent: why ? `“${why}”: ${type.purpose}` : type.purpose }),
    );
    row.dataset.key = type.key;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    return row;
  }

  unsure() {
    const row = make("li", { id: `${this.list.id}-unsure`, className: "type-option" }, make("span", { className: "type-name", textContent: "Not sure?" }), make("span", { className: "type-purpose", textContent: "A few questions lead to the right type, or to none" }));
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    return row;
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  mean(index) {
    const options = this.options();
    for (const option of options) option.setAttribute("aria-selected", "false");
    this.active = options.length ? (index + options.length) % options.length : -1;
    const option = options[this.active];
    if (!option) return this.box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.box.setAttribute("aria-activedescendant", option.id);
  }

  show(open) {
    this.open = open;
    this.list.hidden = !open;
    this.box.setAttribute("aria-expanded", String(open));
    if (!open) this.box.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) {
      event.preventDefault();
      if (this.open) this.mean(this.active + STEPS[event.key]);
      else this.search("");
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.open) this.pick(this.options()[this.active]);
      else this.done();
    } else if (event.key === "Escape" && this.open) {
      event.preventDefault();
      event.stopPropagation();
      this.leave();
    } else if (event.key === "Tab" && this.open && this.box.value && this.rows.length) {
      this.choose(this.rows[Math.min(this.active, this.rows.length - 1)]);
    }
  }

  pick(option) {
    if (!option) return;
    if (!option.dataset.key) return document.getElementById("which-ticket")?.click();
    this.choose(this.types.find((type) => type.key === option.dataset.key));
    this.done();
  }

  choose(type) {
    this.show(false);
    this.box.value = type.name;
    if (this.select.value === type.key) return;
    this.select.value = type.key;
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* Said and done: whoever leads through the form may go on. */
  done() {
    this.box.dispatchEvent(new CustomEvent("filing:answered", { bubbles: true }));
  }

  leave() {
    this.show(false);
    this.box.value = this.chosenName();
  }
}

function prepare(root) {
  for (const holder of root.querySelectorAll("[data-types]:not([data-ready])")) {
    holder.dataset.ready = "yes";
    new TypeBox(holder);
  }
}

prepare(document);
document.addEventListener("htmx:afterSwap", (event) => prepare(event.detail.target ?? document));
