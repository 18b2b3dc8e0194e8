// <chart-figure data-plotly="…">: what is there first stays until the reader scrolls to it; then the chart library
// is fetched, once per page, and draws the figure that the JSON script inside it describes.
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

customElements.define("chart-figure", class extends HTMLElement {
  connectedCallback() {
    this.watcher = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        this.watcher.disconnect();
        this.draw().catch(() => { this.dataset.state = "failed"; });
      }
    }, { rootMargin: "100px" });
    this.watcher.observe(this);
  }

  disconnectedCallback() {
    this.watcher.disconnect();
    const plot = this.querySelector(".plot");
    if (plot && window.Plotly) window.Plotly.purge(plot);
  }

  async draw() {
    const figure = JSON.parse(this.querySelector("script[type='application/json']").textContent);
    const Plotly = await load(this.dataset.plotly);
    const look = getComputedStyle(this);
    const [ink, quiet] = [look.color, getComputedStyle(this.querySelector(".ink-2") ?? this).color];
    const layout = {
      paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { color: ink, family: look.fontFamily, size: 13 },
      colorway: ["#0f766e", "#b45309"], margin: { t: 16, r: 16, b: 48, l: 56 }, height: 320,
      legend: { orientation: "h", y: 1.12 }, xaxis: { type: "category", color: quiet }, yaxis: { rangemode: "tozero", color: quiet },
      ...figure.layout,
    };
    let plot = this.querySelector(".plot");
    if (!plot) {
      plot = this.appendChild(document.createElement("div"));
      plot.className = "plot";
      plot.setAttribute("aria-hidden", "true");
    }
    await Plotly.newPlot(plot, figure.data, layout, { displayModeBar: false, responsive: true });
    this.dataset.state = "drawn";
  }
});
