// <running-room><section id="now" hx-get=…>…</section> … </running-room>
// Presses and the question that is asked every few seconds overtake each other. An answer that was on its way when
// somebody pressed something else is old: it is left out, and so is one whose button was drawn anew meanwhile, for
// htmx would find only a part of the screen to put it into. The screen then asks once more.
customElements.define("running-room", class extends HTMLElement {
  connectedCallback() {
    this.pressed = 0;
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener("htmx:beforeRequest", (event) => {
      const { requestConfig } = event.detail;
      if (requestConfig.verb === "post") this.pressed += 1;
      requestConfig.turn = this.pressed;
    }, { signal });
    this.addEventListener("htmx:beforeSwap", (event) => {
      const { requestConfig, target, xhr } = event.detail;
      if (target?.id !== "now" || !("turn" in requestConfig) || xhr.status === 304) return;
      if (requestConfig.turn === this.pressed && requestConfig.elt.isConnected) return;
      event.detail.shouldSwap = false;
      if (requestConfig.verb === "post") document.body.dispatchEvent(new CustomEvent("room-changed"));
    }, { signal });
  }

  disconnectedCallback() {
    this.stop.abort();
  }
});
