// <running-clock data-since="…" data-now="…" data-before="60" data-planned="10"><b class="clock">4 minutes</b> …</running-clock>
// counts on by the server's clock: data-now is the server's moment at which the page was made, data-before the
// seconds that were spent earlier, data-planned minutes. Past the plan it says so by data-state and
// shows .over.
customElements.define("running-clock", class extends HTMLElement {
  connectedCallback() {
    const { since, now, before, planned } = this.dataset;
    this.started = performance.now();
    this.spent = (new Date(now) - new Date(since)) / 1000 + Number(before || 0);
    this.planned = Number(planned) * 60;
    this.say();
    this.timer = setInterval(() => this.say(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  say() {
    const seconds = Math.max(0, Math.round(this.spent + (performance.now() - this.started) / 1000));
    const clock = this.querySelector(".clock");
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const isOver = seconds > this.planned;
    this.dataset.state = isOver ? "over" : "within";
    const over = this.querySelector(".over");
    if (over) over.hidden = !isOver;
  }
});
