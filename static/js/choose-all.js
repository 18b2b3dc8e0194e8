// <choose-all data-name="submission" hidden><label><input type="checkbox">All</label></choose-all>: ticks every box of that name in its form.
customElements.define("choose-all", class extends HTMLElement {
  connectedCallback() {
    const form = this.closest("form");
    const all = this.querySelector("input");
    const boxes = () => [...form.querySelectorAll(`input[type="checkbox"][name="${this.dataset.name}"]`)];
    this.hidden = false;
    this.watch = (event) => {
      if (event.target === all) boxes().forEach((box) => { box.checked = all.checked; });
      const ticked = boxes().filter((box) => box.checked).length;
      all.checked = ticked === boxes().length;
      all.indeterminate = ticked > 0 && !all.checked;
    };
    form.addEventListener("change", this.watch);
  }

  disconnectedCallback() {
    this.closest("form")?.removeEventListener("change", this.watch);
  }
});
