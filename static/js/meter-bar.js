// <meter-bar value="38" max="41">: keeps the bar inside as long as its attributes say.
const SVG = "http://www.w3.org/2000/svg";

customElements.define("meter-bar", class extends HTMLElement {
  static observedAttributes = ["value", "max"];

  connectedCallback() {
    if (!this.querySelector("rect")) {
      const svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("viewBox", "0 0 100 1");
      svg.setAttribute("preserveAspectRatio", "none");
      svg.setAttribute("class", "meter");
      svg.setAttribute("aria-hidden", "true");
      const bar = svg.appendChild(document.createElementNS(SVG, "rect"));
      bar.setAttribute("height", "1");
      this.append(svg);
    }
    this.draw();
  }

  attributeChangedCallback() {
    this.draw();
  }

  draw() {
    const share = Number(this.getAttribute("value")) / Number(this.getAttribute("max") || 100);
    const width = Number.isFinite(share) ? Math.min(Math.max(share, 0), 1) * 100 : 0;
    this.querySelector("rect")?.setAttribute("width", width.toFixed(2));
  }
});
