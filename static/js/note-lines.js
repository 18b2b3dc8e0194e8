// <note-lines data-url data-store …><form>…</form><ul class="waiting" hidden></ul></note-lines>
// Lines that are sent while they are typed. Each has a key of its own, so that a line sent twice is there once; what
// is not confirmed stays in this browser under data-store and is sent again, also after the page was closed.
// Enter ends a line, Shift+Enter breaks it.
const PAUSE = 700, AGAIN = 5000, PATIENCE = 20000;

customElements.define("note-lines", class extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.area = this.form.querySelector("textarea");
    this.list = this.querySelector(".waiting");
    this.lines = this.load();
    for (const line of Object.values(this.lines)) delete line.refused; // perhaps it is taken now
    this.done = new Set();
    this.queue = Promise.resolve();
    const open = Object.values(this.lines).find((line) => line.open);
    this.take(open ?? this.fresh());
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.end();
      }
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.end();
    });
    this.form.item.addEventListener("change", () => {
      this.line.chosen = true;
      this.typed();
    });
    this.listen();
    this.show();
    for (const line of Object.values(this.lines)) this.send(line);
  }

  disconnectedCallback() {
    this.stop.abort();
    clearInterval(this.retry);
    clearTimeout(this.timer);
  }

  listen() {
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.retry = setInterval(() => this.flush(), AGAIN);
    window.addEventListener("online", () => this.flush(), { signal });
    document.addEventListener("htmx:afterSettle", () => this.show(), { signal });
    document.addEventListener("scroll", (event) => {
      const lines = event.target;
      if (!lines.matches?.(".said-now")) return;
      this.place = lines.scrollTop + lines.clientHeight < lines.scrollHeight - 8 ? lines.scrollTop : null;
    }, { signal, capture: true });
    document.addEventListener("change", (event) => {
      if (event.target.matches?.("#noted select[name=item]")) event.target.dataset.chosen = "true";
    }, { signal });
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-edit]");
      if (button) this.edit(button);
    }, { signal });
  }

  load() {
    try {
      return JSON.parse(localStorage.getItem(this.dataset.store)) ?? {};
    } catch {
      return {};
    }
  }

  // What another window of the same browser keeps there is left as it is.
  store() {
    const kept = this.load();
    for (const key of this.done) delete kept[key];
    for (const [key, line] of Object.entries(this.lines)) {
      if (line.text && !this.isSaved(line)) kept[key] = line;
      else delete kept[key];
    }
    try {
      if (Object.keys(kept).length) localStorage.setItem(this.dataset.store, JSON.stringify(kept));
      else localStorage.removeItem(this.dataset.store);
    } catch {
      this.say("offline", this.dataset.offline);
    }
  }

  forget(line) {
    delete this.lines[line.key];
    this.done.add(line.key);
  }

  isSaved(line) {
    return line.saved === line.text && line.savedItem === line.item;
  }

  fresh() {
    return { key: crypto.randomUUID?.() ?? randomKey(), text: "", item: this.talked(), version: 0, saved: null, sent: [], open: true };
  }

  talked() {
    return document.getElementById("room-version")?.dataset.item ?? "";
  }

  take(line) {
    for (const other of Object.values(this.lines)) other.open = false;
    this.line = line;
    line.open = true;
    this.lines[line.key] = line;
    this.area.value = line.text;
    this.form.item.value = line.item;
  }

  typed() {
    this.line.text = this.area.value;
    this.line.item = this.form.item.value;
    this.store();
    clearTimeout(this.timer);
    if (this.line.text.trim()) {
      this.say("saving", this.dataset.saving);
      const line = this.line;
      this.timer = setTimeout(() => this.send(line), PAUSE);
    }
  }

  end() {
    const line = this.line;
    if (!line.text.trim()) return;
    clearTimeout(this.timer);
    this.take(this.fresh());
    this.store();
    this.send(line);
    this.show();
    this.area.focus();
  }

  edit(button) {
    const key = button.dataset.edit;
    const words = button.closest("li").querySelector(".words").innerText;
    if (this.line.text.trim()) this.end();
    const known = { key, text: words, item: button.dataset.item, version: Number(button.dataset.version), saved: words, savedItem: button.dataset.item, sent: [], chosen: true };
    this.take(this.lines[key] && !this.isSaved(this.lines[key]) ? this.lines[key] : known);
    this.show();
    this.area.focus();
  }

  flush() {
    for (const line of Object.values(this.lines)) this.send(line);
  }

  // One after the other: a later text never overtakes an earlier one.
  send(line) {
    this.queue = this.queue.then(() => this.post(line)).catch(() => this.say("offline", this.dataset.offline));
    return this.queue;
  }

  async post(line) {
    // Asked for again while the answer was on its way: what differed goes on under another key, never a second time.
    if (this.lines[line.key] !== line) return;
    if (!line.text.trim() || this.isSaved(line) || line.refused === line.text) return;
    const { text, item } = line;
    const body = new FormData();
    body.set("action", "note");
    body.set("key", line.key);
    body.set("item", item);
    body.set("text", text);
    body.set("version", line.version);
    body.set("csrfmiddlewaretoken", this.form.csrfmiddlewaretoken.value);
    if (line.sent.at(-1) !== text.trim()) line.sent = [...line.sent.slice(-9), text.trim()];
    this.store();
    let answer = await this.ask(body);
    if (answer.status === 403) {
      // Who signed in again has another token; who did not is told to.
      const page = await fetch(location.href);
      if (page.redirected) {
        this.say("offline", this.dataset.login);
        return;
      }
      if (this.renew(await page.text(), body)) answer = await this.ask(body);
    }
    if (answer.status === 403 || answer.status === 404) {
      line.refused = text;
      this.say("error", this.dataset.refused);
      return;
    }
    if (answer.redirected || !answer.headers.get("Content-Type")?.includes("json")) {
      this.say("offline", answer.redirected ? this.dataset.login : this.dataset.offline);
      return;
    }
    const said = await answer.json();
    if (answer.ok) this.confirm(line, text, item, said);
    else if (answer.status === 409) this.differ(line, said);
    else {
      line.refused = text;
      this.say("error", said.error);
    }
    this.store();
    this.show();
  }

  ask(body) {
    return fetch(this.dataset.url, { method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
  }

  // Takes the token that the page would have if it was opened now; whether it is another.
  renew(text, body) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const token = page.querySelector("note-lines [name=csrfmiddlewaretoken]")?.value;
    if (!token) return false;
    this.form.csrfmiddlewaretoken.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    body.set("csrfmiddlewaretoken", token);
    return true;
  }

  confirm(line, text, item, said) {
    Object.assign(line, { version: said.version, saved: text, savedItem: item, sent: [], refused: null });
    if (line !== this.line) {
      if (this.isSaved(line)) this.forget(line);
      else this.send(line);
    }
    if (Object.values(this.lines).every((each) => !each.text.trim() || this.isSaved(each))) {
      if (line.split) this.say("conflict", this.dataset.again);
      else this.say("saved", this.dataset.saved);
    }
    document.body.dispatchEvent(new CustomEvent("room-changed"));
  }

  // What is there was sent from here and its answer got lost: go on from it. Else the other text stays, and ours
  // becomes a line of its own.
  differ(line, said) {
    if (line.sent.slice(0, -1).includes(said.text) || said.text === line.text.trim()) {
      line.version = said.version;
      this.send(line);
      return;
    }
    const other = { ...this.fresh(), text: line.text, item: line.item, open: line.open, chosen: line.chosen, split: true };
    this.forget(line);
    this.lines[other.key] = other;
    if (line === this.line) this.line = other;
    this.say("conflict", this.dataset.again);
    this.send(other);
  }

  // The line being typed is not shown twice, and one's own lines can be changed.
  show() {
    for (const item of document.querySelectorAll("[data-key]")) item.hidden = item.dataset.key === this.line.key;
    for (const button of document.querySelectorAll("[data-edit]")) button.hidden = false;
    // Forms begin with what is on now: those that nobody has opened, and those begun before the first item was on.
    for (const choice of document.querySelectorAll("#noted select[name=item]:not([data-chosen])")) {
      if (choice.closest("details").open && choice.value) continue;
      choice.value = this.talked();
      if (choice.selectedIndex < 0) choice.value = "";
    }
    const waiting = Object.values(this.lines).filter((line) => line !== this.line && line.text.trim() && !this.isSaved(line));
    this.list.hidden = !waiting.length;
    this.list.replaceChildren(...waiting.map((line) => {
      const item = document.createElement("li");
      item.textContent = line.text;
      return item;
    }));
    // The newest line is in sight, unless somebody reads an earlier one.
    const lines = document.querySelector(".said-now");
    if (this.shown !== this.talked()) this.place = null;
    this.shown = this.talked();
    if (lines) lines.scrollTop = this.place ?? lines.scrollHeight;
    this.follow();
  }

  // A line not yet begun is on what is talked about; one begun before the first item was on moves to that item with
  // its text. What somebody chose stays, and so does a line begun on the item before.
  follow() {
    const { line } = this, now = this.talked();
    const isNew = !line.text && line.version === 0;
    if (line.chosen || line.item === now || !(isNew || !line.item)) return;
    line.item = now;
    if (document.activeElement !== this.form.item) this.form.item.value = now;
    if (line.text.trim()) this.typed();
  }

  say(state, words) {
    const at = this.querySelector(".save-state");
    at.dataset.state = state;
    if (at.textContent !== words) at.textContent = words;
  }
});

// Where the page is not served securely there is no randomUUID.
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
