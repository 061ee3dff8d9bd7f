// Rows that can be ticked: shift-click takes the range, [data-tick-all] all of the page, the selection bar counts.
//
// Inside a form: input[data-tick] in each row. [data-ticked-count] shows how many; with
// [data-ticked-count="retry"] only the rows whose tick carries data-kinds="… retry …", and its button is off at none.
// [data-tick-count] says it in words, and input[data-tick-everything] means all that match, on this page or not.

let last: HTMLInputElement | undefined;

export function startTicks(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.matches("[data-tick]")) {
      const tick = target as HTMLInputElement;
      if (event.shiftKey && last) range(last, tick);
      last = tick;
    } else if (target.matches("[data-tick-all]")) {
      for (const one of ticks(form(target))) one.checked = (target as HTMLInputElement).checked;
    } else if (target.closest("[data-untick]")) {
      for (const one of ticks(form(target))) one.checked = false;
    } else if (!target.matches("[data-tick-everything]")) return;
    count(form(target));
  });
  document.addEventListener("reset", (event) => {
    const within = event.target as HTMLFormElement;
    if (within.matches("form:has([data-tick])")) setTimeout(() => count(within));
  });
  document.addEventListener("htmx:load", () => {
    for (const one of document.querySelectorAll<HTMLFormElement>("form:has([data-tick])")) count(one);
  });
}

/** Tick or untick the row that has the focus; whether there was one. */
export function tickRow(): boolean {
  const tick = document.activeElement?.closest("tr")?.querySelector<HTMLInputElement>("[data-tick]");
  tick?.click();
  return Boolean(tick);
}

function range(from: HTMLInputElement, to: HTMLInputElement): void {
  const all = ticks(form(to));
  const [first, final] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b) as [number, number];
  if (first >= 0) for (const one of all.slice(first, final + 1)) one.checked = to.checked;
}

function count(within: HTMLFormElement | null): void {
  if (!within) return;
  const all = ticks(within);
  const ticked = all.filter((one) => one.checked);
  const box = within.querySelector<HTMLInputElement>("[data-tick-all]");
  if (box) {
    box.checked = ticked.length > 0 && ticked.length === all.length;
    box.indeterminate = ticked.length > 0 && ticked.length < all.length;
  }
  const everything = within.querySelector<HTMLInputElement>("[data-tick-everything]");
  if (everything && !ticked.length) everything.checked = false;
  const words = everything?.checked ? "All selected" : `${ticked.length.toLocaleString("en")} selected`;
  for (const place of within.querySelectorAll("[data-tick-count]")) place.textContent = words;
  for (const place of within.querySelectorAll<HTMLElement>("[data-ticked-count]")) {
    const kind = place.dataset["tickedCount"];
    const counted = kind ? ticked.filter((one) => one.dataset["kinds"]?.split(" ").includes(kind)).length : ticked.length;
    place.textContent = counted.toLocaleString("en");
    const button = kind ? place.closest("button") : null;
    if (button) button.disabled = counted === 0;
  }
}

function form(of: Element): HTMLFormElement | null {
  return of.closest("form");
}

function ticks(within: HTMLFormElement | null): HTMLInputElement[] {
  return within ? [...within.querySelectorAll<HTMLInputElement>("input[data-tick]")] : [];
}
