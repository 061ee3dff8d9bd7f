// From what a page says about a chart to what Chart.js draws: horizontal grid only, no frame, no animation, one tooltip.
import type { ChartConfiguration, ChartDataset, ScriptableContext, TooltipItem } from "chart.js";
import type { Series, Spec } from "./chart-spec";
import { type Palette, thin } from "./chart-theme";

const DASHES = [[], [6, 4], [2, 3]];
const FONT = { family: '"Inter Variable", ui-sans-serif, system-ui, sans-serif', size: 11.5 };

export function configuration(spec: Spec, palette: Palette, go: (url: string) => void): ChartConfiguration {
  const round = spec.kind === "doughnut";
  return {
    type: spec.kind,
    data: { labels: spec.labels, datasets: spec.series.map((one, place) => dataset(spec, one, place, palette)) as ChartDataset[] },
    options: {
      ...(round ? { cutout: "72%" } : {}),
      layout: { padding: round ? 2 : { top: 6 } },
      interaction: round ? { mode: "nearest", intersect: true } : { mode: "index", intersect: false },
      scales: round ? {} : scales(spec, palette),
      onClick: (_event, elements) => {
        const [first] = elements;
        const url = first && (spec.series_urls?.[first.datasetIndex] ?? spec.urls?.[first.index]);
        if (url) go(url);
      },
      onHover: (event, elements) => {
        const leads = elements.some((one) => spec.series_urls?.[one.datasetIndex] ?? spec.urls?.[one.index]);
        (event.native?.target as HTMLElement | undefined)?.classList.toggle("cursor-pointer", leads);
      },
      plugins: { tooltip: tooltip(spec, palette) },
    },
    plugins: round ? [] : [dayLine(palette)],
  };
}

function dataset(spec: Spec, series: Series, place: number, palette: Palette): object {
  if (spec.kind === "doughnut") {
    const paints = spec.labels.map((_, index) => palette.paint(`chart-${Math.min(index, 5) + 1}`));
    return { data: series.data, backgroundColor: paints, hoverBackgroundColor: paints, hoverBorderColor: palette.surface, borderColor: palette.surface, borderWidth: 2, hoverOffset: 0 };
  }
  const colour = palette.paint(series.paint ?? `chart-${Math.min(place, 5) + 1}`);
  const common = { label: series.label, data: series.data };
  if (spec.kind === "bar") {
    const flat = (context: ScriptableContext<"bar">) => (context.raw ? 2 : 0);
    return { ...common, backgroundColor: colour, hoverBackgroundColor: colour, borderRadius: flat, borderSkipped: false, maxBarThickness: 26, categoryPercentage: 0.7, barPercentage: 0.95 };
  }
  return {
    ...common, borderColor: colour, borderWidth: 2, borderDash: DASHES[Math.min(place, 2)], pointRadius: 0, pointHoverRadius: 3, pointBackgroundColor: colour,
    cubicInterpolationMode: "monotone", backgroundColor: thin(colour, 0.13), fill: spec.area && place === 0 ? "origin" : false,
  };
}

function scales(spec: Spec, palette: Palette): object {
  const ticks = { color: palette.muted, font: FONT };
  return {
    x: { stacked: spec.stacked ?? false, grid: { display: false }, border: { display: false }, ticks: { ...ticks, maxRotation: 0, autoSkip: true, autoSkipPadding: 16 } },
    y: {
      stacked: spec.stacked ?? false, beginAtZero: true, border: { display: false }, grid: { color: palette.hair, drawTicks: false },
      ticks: { ...ticks, padding: 10, maxTicksLimit: 5, callback: (value: number | string) => axis(Number(value), spec) },
    },
  };
}

function tooltip(spec: Spec, palette: Palette): object {
  return {
    backgroundColor: palette.inverted, titleColor: palette.invertedInk, bodyColor: palette.invertedInk, titleFont: { ...FONT, weight: 600 }, bodyFont: FONT,
    padding: 10, cornerRadius: 7, boxWidth: 8, boxHeight: 8, boxPadding: 6, caretSize: 0,
    callbacks: {
      labelColor: (item: TooltipItem<"bar">) => swatch(item, spec),
      title: ([first]: TooltipItem<"bar">[]) => (first ? (spec.titles?.[first.dataIndex] ?? first.label) : ""),
      label: (item: TooltipItem<"bar">) => ` ${item.dataset.label ?? item.label}   ${figure(item.raw as number | null, spec)}`,
    },
  };
}

/** The square before a line of the tooltip: the colour without a frame. */
function swatch(item: TooltipItem<"bar">, spec: Spec): { borderColor: string; backgroundColor: string; borderWidth: number; borderRadius: number } {
  const { backgroundColor, borderColor } = item.dataset;
  const own = spec.kind === "line" ? borderColor : Array.isArray(backgroundColor) ? backgroundColor[item.dataIndex] : backgroundColor;
  return { borderColor: String(own), backgroundColor: String(own), borderWidth: 0, borderRadius: 2 };
}

/** A dashed line through the day under the pointer. */
function dayLine(palette: Palette): NonNullable<ChartConfiguration["plugins"]>[number] {
  return {
    id: "day-line",
    afterDatasetsDraw(chart) {
      const [active] = chart.tooltip?.getActiveElements() ?? [];
      if (!active) return;
      const { ctx, chartArea } = chart;
      ctx.save();
      ctx.setLineDash([3, 3]);
      ctx.strokeStyle = palette.muted;
      ctx.beginPath();
      ctx.moveTo(active.element.x, chartArea.top);
      ctx.lineTo(active.element.x, chartArea.bottom);
      ctx.stroke();
      ctx.restore();
    },
  };
}

function figure(value: number | null, spec: Spec): string {
  if (value === null) return "–";
  const digits = spec.decimals ?? 0;
  const text = value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return spec.unit ? `${text} ${spec.unit}` : text;
}

/** 30k, 1.5M; shares and small figures as they are. */
function axis(value: number, spec: Spec): string {
  const text = Math.abs(value) >= 1000 ? new Intl.NumberFormat("en", { notation: "compact" }).format(value).replace("K", "k") : value.toLocaleString("en");
  return spec.unit === "%" ? `${text} %` : text;
}
