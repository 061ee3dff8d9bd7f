// Draws every <figure class="chart" data-chart="ID-OF-ITS-JSON"> and keeps it right: new data, another theme, the table.
//
// In the figure: .chart__canvas > canvas, .chart__table. Outside or inside, [data-chart-view="chart|table"] with
// data-chart-of="ID" switches, [data-chart-png] with data-chart-of="ID" saves the picture.
import { ArcElement, BarController, BarElement, CategoryScale, Chart, DoughnutController, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from "chart.js";
import { configuration } from "./chart-drawing";
import type { Spec } from "./chart-spec";
import { paletteOf } from "./chart-theme";

Chart.register(ArcElement, BarController, BarElement, CategoryScale, DoughnutController, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);
Chart.defaults.animation = false;
Chart.defaults.responsive = true;
Chart.defaults.maintainAspectRatio = false;

const drawn = new WeakMap<HTMLElement, Chart>();

function drawAll(): void {
  for (const figure of document.querySelectorAll<HTMLElement>("figure.chart[data-chart]")) draw(figure);
}

function draw(figure: HTMLElement): void {
  const canvas = figure.querySelector("canvas");
  const spec = specOf(figure);
  if (!canvas || !spec) return;
  figure.dataset["view"] ??= "chart";
  drawn.get(figure)?.destroy();
  drawn.set(figure, new Chart(canvas, configuration(spec, paletteOf(figure), (url) => location.assign(url))));
}

function specOf(figure: HTMLElement): Spec | undefined {
  const text = document.getElementById(figure.dataset["chart"]!)?.textContent;
  return text ? (JSON.parse(text) as Spec) : undefined;
}

function figureOf(button: HTMLElement): HTMLElement | null {
  const id = button.dataset["chartOf"];
  return id ? document.querySelector<HTMLElement>(`figure.chart[data-chart="${CSS.escape(id)}"]`) : button.closest("figure.chart");
}

/** The picture has a ground of its own, and says so where its data is invented. */
function save(figure: HTMLElement): void {
  const chart = drawn.get(figure);
  const spec = specOf(figure);
  if (!chart || !spec) return;
  const palette = paletteOf(figure);
  const scale = chart.currentDevicePixelRatio;
  const head = spec.simulated ? 24 * scale : 0;
  const picture = document.createElement("canvas");
  picture.width = chart.canvas.width;
  picture.height = chart.canvas.height + head;
  const ink = picture.getContext("2d")!;
  ink.fillStyle = palette.surface;
  ink.fillRect(0, 0, picture.width, picture.height);
  if (spec.simulated) {
    ink.fillStyle = palette.muted;
    ink.font = `500 ${12 * scale}px ${getComputedStyle(figure).fontFamily}`;
    ink.fillText("Simulated data", 8 * scale, 16 * scale);
  }
  ink.drawImage(chart.canvas, 0, head);
  const link = document.createElement("a");
  link.href = picture.toDataURL("image/png");
  link.download = `${spec.name ?? figure.dataset["chart"]}${spec.simulated ? "-simulated" : ""}.png`;
  link.click();
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-chart-view], [data-chart-png]");
  const figure = button && figureOf(button);
  if (!button || !figure) return;
  if (button.hasAttribute("data-chart-png")) return save(figure);
  const wanted = button.dataset["chartView"] === "toggle" ? (figure.dataset["view"] === "chart" ? "table" : "chart") : button.dataset["chartView"]!;
  figure.dataset["view"] = wanted;
  for (const one of document.querySelectorAll<HTMLElement>("[data-chart-view]")) {
    if (figureOf(one) !== figure) continue;
    const own = one.dataset["chartView"];
    one.setAttribute("aria-pressed", String(own === "toggle" ? wanted === "table" : own === wanted));
  }
});
document.addEventListener("theme:changed", drawAll);
document.addEventListener("htmx:afterSettle", (event) => {
  const target = (event as CustomEvent).detail?.target as Element | undefined;
  const touched = target?.closest<HTMLElement>("figure.chart[data-chart]");
  if (touched) draw(touched);
  for (const figure of target?.querySelectorAll<HTMLElement>("figure.chart[data-chart]") ?? []) draw(figure);
});
// Text in a canvas is measured once: the font has to be there.
void document.fonts.load('500 12px "Inter Variable"').finally(drawAll);
