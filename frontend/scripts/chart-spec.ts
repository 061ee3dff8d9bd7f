// What a page says about a chart, as JSON in <script type="application/json" id="…">.

export type Series = {
  label: string;
  data: (number | null)[];
  /** chart-1 … chart-6, done, failed, reused, flight, invalid, duplicate: chart-N by place where it is left out. */
  paint?: string;
};

export type Spec = {
  kind: "bar" | "line" | "doughnut";
  labels: string[];
  series: Series[];
  /** Under which title the tooltip shows a point, where the axis' label is shortened. */
  titles?: string[];
  /** Where a click on the point of that label leads. */
  urls?: (string | null)[];
  /** One address a series, where clicks differ by series rather than by label. */
  series_urls?: (string | null)[];
  stacked?: boolean;
  /** Behind each figure: "USD", "ms", "%". */
  unit?: string;
  decimals?: number;
  /** Fill the first line's area. */
  area?: boolean;
  /** What the picture is called when it is saved. */
  name?: string;
  /** Written into the picture: invented data stays marked. */
  simulated?: boolean;
};
