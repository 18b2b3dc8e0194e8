// Light, dark, or as the device says; remembered in this browser.
const root = document.documentElement;

customElements.define("theme-switch", class extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", this);
    document.addEventListener("concert:theme", this);
    this.show();
  }

  disconnectedCallback() {
    document.removeEventListener("concert:theme", this);
  }

  handleEvent(event) {
    const button = event.target.closest?.("button[value]");
    if (event.type === "click" && button) {
      root.dataset.theme = button.value;
      try {
        localStorage.setItem("theme", button.value);
      } catch { /* storage is denied: the choice lasts as long as the page */ }
      document.dispatchEvent(new CustomEvent("concert:theme"));
    }
    this.show();
  }

  show() {
    for (const button of this.querySelectorAll("button[value]")) {
      button.setAttribute("aria-pressed", String(button.value === (root.dataset.theme ?? "")));
    }
  }
});
