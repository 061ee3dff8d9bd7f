// Colours of a chart, read from the style sheet by way of elements that have them: no colour is written here.

export type Palette = {
  paint: (name: string) => string;
  ink: string;
  muted: string;
  hair: string;
  surface: string;
  inverted: string;
  invertedInk: string;
};

export function paletteOf(figure: HTMLElement): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  figure.append(probe);
  const read = (name: string): string => {
    probe.className = name;
    return getComputedStyle(probe).backgroundColor;
  };
  const known = new Map<string, string>();
  for (const name of PAINTS) known.set(name, read(`paint-${name}`));
  const palette = {
    paint: (name: string) => known.get(name) ?? known.get("chart-6")!,
    ink: read("probe-ink"),
    muted: read("probe-muted"),
    hair: read("probe-hair"),
    surface: read("probe-surface"),
    inverted: read("probe-inverted"),
    invertedInk: read("probe-inverted-ink"),
  };
  probe.remove();
  return palette;
}

/** The same colour, thinner: for the area under a line. */
export function thin(colour: string, share: number): string {
  return colour.replace(/^rgba?\((.+?)(?:[,/]\s*[\d.]+)?\)$/, (whole, inside: string) => {
    const [red, green, blue] = inside.split(/[\s,]+/);
    return blue === undefined ? whole : `rgb(${red} ${green} ${blue} / ${share})`;
  });
}

const PAINTS = [
  "chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6", "done", "failed", "reused", "flight", "invalid", "duplicate",
];
