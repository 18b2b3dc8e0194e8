// <chart-figure data-plotly="…" data-name="…">: what is there first stays until the reader scrolls to it; then the chart
// library is fetched, once per page, and draws the figure that the JSON script inside it describes. A button with
// data-picture inside it saves the figure as a picture.
let library;

function load(source) {
  library ??= new Promise((resolve, reject) => {
    // Plotly looks for its style sheets before making them; only these carry the nonce of the page. The second is of
    // maps, which are not drawn here: it stays empty.
    const nonce = document.querySelector("script[nonce]")?.nonce;
    for (const id of ["plotly.js-style-global", "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53"]) {
      const style = document.createElement("style");
      style.id = id;
      if (nonce) style.nonce = nonce;
      document.head.append(style);
    }
    const script = document.createElement("script");
    script.src = source;
    if (nonce) script.nonce = nonce;
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return library;
}

// What a token is in the theme of now.
function colored(element, token) {
  const probe = element.appendChild(document.createElement("i"));
  probe.style.color = `var(${token})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

customElements.define("chart-figure", class extends HTMLElement {
  connectedCallback() {
    this.watcher = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        this.watcher.disconnect();
        this.draw().catch(() => { this.dataset.state = "failed"; });
      }
    }, { rootMargin: "100px" });
    this.watcher.observe(this);
    this.redraw = () => { if (this.dataset.state === "drawn") this.draw(); };
    this.themes = new MutationObserver(this.redraw);
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.darkness = matchMedia("(prefers-color-scheme: dark)");
    this.darkness.addEventListener("change", this.redraw);
    const button = this.querySelector("[data-picture]");
    if (button) {
      button.hidden = false;
      button.onclick = () => this.save();
    }
  }

  disconnectedCallback() {
    this.watcher.disconnect();
    this.themes.disconnect();
    this.darkness.removeEventListener("change", this.redraw);
    const plot = this.querySelector(".plot");
    if (plot && window.Plotly) window.Plotly.purge(plot);
  }

  async draw() {
    const figure = JSON.parse(this.querySelector("script[type='application/json']").textContent);
    const Plotly = await load(this.dataset.plotly);
    const [ink, quiet, line] = ["--ink", "--ink-2", "--line"].map((token) => colored(this, token));
    const axis = { color: quiet, gridcolor: line, zerolinecolor: quiet, automargin: true };
    const layout = {
      ...figure.layout,
      paper_bgcolor: "transparent", plot_bgcolor: "transparent",
      font: { color: ink, family: getComputedStyle(this).fontFamily, size: 13 },
      colorway: [1, 2, 3, 4, 5, 6].map((number) => colored(this, `--series-${number}`)),
      margin: { t: 16, r: 72, b: 40, l: 48 }, height: 320,
      xaxis: { type: "category", ...axis, showgrid: false, ...figure.layout.xaxis },
      yaxis: { ...axis, ...figure.layout.yaxis },
      shapes: (figure.layout.shapes ?? []).map((shape) => ({ ...shape, line: { ...shape.line, color: quiet } })),
    };
    let plot = this.querySelector(".plot");
    if (!plot) {
      plot = document.createElement("div");
      plot.className = "plot";
      plot.setAttribute("aria-hidden", "true");
      this.prepend(plot);
    }
    await Plotly.react(plot, figure.data, layout, { displayModeBar: false, responsive: true });
    this.dataset.state = "drawn";
  }

  // As SVG out of Plotly, through a canvas: a picture from elsewhere than this page is never loaded.
  async save() {
    await this.draw();
    const [width, height] = [1200, 600];
    const source = await window.Plotly.toImage(this.querySelector(".plot"), { format: "svg", width, height });
    const picture = new Image();
    picture.src = source;
    await picture.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    const paper = canvas.getContext("2d");
    paper.fillStyle = colored(this, "--surface");
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${this.dataset.name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
});
