// <kept-form data-store="of the page" data-name="evidence" [data-bound]>a form, or a section of one<div class="kept" hidden>…<button>…</button></div></kept-form>
// What is typed and not sent stays in this browser under data-store: another form of the page may be sent first, the
// page be closed, the line fall. It comes back with the page, and says so in .kept, whose button gives it up. It is
// gone once the server says that it took the form: [data-done="evidence"] somewhere on the page.
// data-bound: the server gives back what was sent, which is the newest there is.
const PREFIX = "kept:", DAYS = 30, DAY = 86_400_000;

customElements.define("kept-form", class extends HTMLElement {
  connectedCallback() {
    this.note = this.querySelector(".kept");
    const { store, name } = this.dataset;
    this.key = `${PREFIX}${store}/${name}`;
    prune();
    const done = [...document.querySelectorAll("[data-done]")].map((each) => each.dataset.done);
    for (const each of done) write(`${PREFIX}${store}/${each}`, null);
    if (done.includes(name)) this.note.hidden = true;
    else if ("bound" in this.dataset) this.keep();
    else this.bringBack();
    this.addEventListener("input", () => this.keep());
    this.addEventListener("change", () => this.keep());
    this.note.querySelector("button").addEventListener("click", () => this.giveUp());
  }

  // Everything that people fill in, under its name and place among those of that name.
  fields() {
    const found = [], seen = {};
    for (const each of this.querySelectorAll("input, select, textarea")) {
      if (!each.name || ["hidden", "submit", "button", "reset", "file", "password"].includes(each.type)) continue;
      const choice = each.type === "radio" || each.type === "checkbox";
      const place = choice ? each.value : (seen[each.name] = (seen[each.name] ?? -1) + 1);
      found.push({ each, choice, key: `${each.name} ${place}` });
    }
    return found;
  }

  keep() {
    const said = {}, was = {};
    for (const { each, choice, key } of this.fields()) {
      const now = choice ? each.checked : each.value;
      const before = given(each, choice);
      if (now !== before || "bound" in this.dataset) [said[key], was[key]] = [now, before];
    }
    write(this.key, Object.keys(said).length ? { said, was, at: Date.now() } : null);
  }

  bringBack() {
    const kept = read(this.key), meanwhile = [];
    if (!kept?.said) return;
    let back = false;
    for (const { each, choice, key } of this.fields()) {
      if (!(key in kept.said)) continue;
      const before = given(each, choice), mine = kept.said[key];
      if (mine === before) continue;
      if (!choice && before && before !== kept.was[key]) meanwhile.push(before);
      if (choice) each.checked = mine;
      else each.value = mine;
      each.dispatchEvent(new Event("change", { bubbles: true }));
      back = true;
    }
    if (!back) return write(this.key, null);
    // Beside a form that was just taken nothing was away.
    this.note.hidden = Boolean(this.closest("[data-done]"));
    const theirs = this.note.querySelector(".theirs");
    theirs.hidden = !meanwhile.length;
    theirs.querySelector("span").textContent = meanwhile.join(" · ");
    this.closest("details")?.setAttribute("open", "");
  }

  giveUp() {
    for (const { each, choice } of this.fields()) {
      if (choice) each.checked = each.defaultChecked;
      else each.value = given(each, choice);
    }
    write(this.key, null);
    this.note.hidden = true;
    this.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }
});

// What the server put there.
function given(each, choice) {
  if (choice) return each.defaultChecked;
  if (each.type !== "select-one") return each.defaultValue;
  return ([...each.options].find((option) => option.defaultSelected) ?? each.options[0])?.value ?? "";
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, kept) {
  try {
    if (kept) localStorage.setItem(key, JSON.stringify(kept));
    else localStorage.removeItem(key);
  } catch {
    // Nothing can be kept here: the form works as it does without this.
  }
}

// What nobody came back for in a month is given up.
function prune() {
  try {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
      if (!(read(key)?.at > Date.now() - DAYS * DAY)) localStorage.removeItem(key);
    }
  } catch {
    // As above.
  }
}
