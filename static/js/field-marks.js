// <field-marks data-bad="7-1 7-4-of">what is wrong in a field</field-marks>
// marks the inputs of its field that are named, and no others. It comes anew with each answer to saving while somebody
// types, in which the inputs themselves do not: they may have been written on since.
customElements.define("field-marks", class extends HTMLElement {
  connectedCallback() {
    const field = this.closest(".field"), bad = (this.dataset.bad || "").split(" ");
    field?.removeAttribute("data-state");
    for (const each of field?.querySelectorAll("input.number") ?? []) {
      if (bad.includes(each.name)) each.setAttribute("aria-invalid", "true");
      else each.removeAttribute("aria-invalid");
    }
  }
});
