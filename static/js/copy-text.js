// <copy-text><code>…</code><button type="button" hidden data-done="Copied">Copy</button></copy-text>
customElements.define("copy-text", class extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!button || !navigator.clipboard) return;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const source = this.querySelector("input, code, [data-text]");
      await navigator.clipboard.writeText(source.value ?? source.dataset.text ?? source.textContent.trim());
      const label = button.textContent;
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
});
