// <confirm-button data-question="Accept all 12?" data-cancel="Keep"><button>Accept</button></confirm-button>
// asks in place: the first press turns the button into the question, the second does it.
// Without JavaScript the button does it at once, so only what can be undone may stand in here.
customElements.define("confirm-button", class extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.label = [...this.button.childNodes];
    this.button.addEventListener("click", this, true);
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget)) this.restore();
    });
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.restore();
    });
  }

  handleEvent(event) {
    if (this.asked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.asked = true;
    this.button.textContent = this.dataset.question;
    this.cancel = document.createElement("button");
    this.cancel.type = "button";
    this.cancel.className = "button plain";
    this.cancel.textContent = this.dataset.cancel;
    this.cancel.addEventListener("click", () => {
      this.restore();
      this.button.focus();
    });
    this.append(this.cancel);
  }

  restore() {
    if (!this.asked) return;
    this.asked = false;
    this.cancel.remove();
    this.button.replaceChildren(...this.label);
  }
});
