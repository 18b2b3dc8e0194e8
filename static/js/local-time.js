// <local-time><time datetime="…">server's words</time></local-time>: adds the exact moment, in the
// reader's own clock, as a title; with data-relative it keeps "5 minutes ago" true while the page stays open; with
// data-zone and data-own ("your time") it says the reader's own time beside, where that is another.
const STEPS = [["year", 31536e3], ["month", 2592e3], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

customElements.define("local-time", class extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time[datetime]");
    if (!time) return;
    this.moment = new Date(time.dateTime);
    if (Number.isNaN(this.moment.getTime())) return;
    const language = document.documentElement.lang || undefined;
    time.title = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" }).format(this.moment);
    if (this.dataset.own) this.sayOwn(language);
    if ("relative" in this.dataset) {
      this.words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
      this.timer = setInterval(() => this.say(time), 60_000);
    }
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  sayOwn(language) {
    const form = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const at = (timeZone) => new Intl.DateTimeFormat(language, { ...form, timeZone }).format(this.moment);
    if (this.querySelector(".own") || at(undefined) === at(this.dataset.zone)) return;
    const own = document.createElement("span");
    own.className = "quiet own";
    own.textContent = ` · ${at(undefined)} ${this.dataset.own}`;
    this.append(own);
  }

  say(time) {
    const seconds = (this.moment - Date.now()) / 1000;
    const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60];
    time.textContent = this.words.format(Math.round(seconds / size), unit);
  }
});
