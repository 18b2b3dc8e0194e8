// <fields-of-kind data-kinds="ratio mean">fields</fields-of-kind>: shown while one of these kinds is chosen in the form.
customElements.define("fields-of-kind", class extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.fold = this.querySelector("details");
    this.listen = () => this.show();
    this.form.addEventListener("change", this.listen);
    this.show();
  }

  disconnectedCallback() {
    this.form.removeEventListener("change", this.listen);
  }

  show() {
    const kind = this.form.elements.kind?.value;
    if (!kind) return;
    this.hidden = !this.dataset.kinds.split(" ").includes(kind);
    if (!this.hidden && this.fold) this.fold.open = true;
  }
});
