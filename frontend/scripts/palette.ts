// ⌘K: jump to or do anything. The list is the server's, in <dialog id="palette">; typing narrows it, arrows walk it.

export function startPalette(): void {
  const dialog = palette();
  const field = dialog?.querySelector<HTMLInputElement>("[data-palette-field]");
  if (!dialog || !field) return;
  document.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("[data-palette-open]")) return;
    event.preventDefault();
    openPalette();
  });
  field.addEventListener("input", () => narrow(dialog, field.value));
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      select(dialog, chosen(dialog) + step);
    } else if (event.key === "Enter" && event.target === field) {
      const item = shown(dialog)[chosen(dialog)];
      if (!item) return; // the form around the field searches the contacts
      event.preventDefault();
      item.click();
    }
  });
}

export function openPalette(): void {
  const dialog = palette();
  const field = dialog?.querySelector<HTMLInputElement>("[data-palette-field]");
  if (!dialog || !field || dialog.open) return;
  field.value = "";
  dialog.showModal();
  narrow(dialog, "");
  field.focus();
}

function palette(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>("#palette");
}

function narrow(dialog: HTMLDialogElement, text: string): void {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items(dialog)) {
    const says = `${item.textContent} ${item.dataset["words"] ?? ""}`.toLowerCase();
    item.hidden = !words.every((word) => says.includes(word));
  }
  for (const title of dialog.querySelectorAll<HTMLElement>("[data-palette-title]")) {
    title.hidden = words.length > 0;
  }
  const none = dialog.querySelector<HTMLElement>("[data-palette-none]");
  if (none) none.hidden = shown(dialog).length > 0;
  // Digits are a number to be searched for, not a page to go to.
  select(dialog, /\d{3}/.test(text) ? -1 : 0);
}

function select(dialog: HTMLDialogElement, place: number): void {
  const all = shown(dialog);
  const at = Math.max(-1, Math.min(place, all.length - 1));
  all.forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
  all[at]?.scrollIntoView({ block: "nearest" });
  const field = dialog.querySelector("[data-palette-field]");
  if (all[at]) field?.setAttribute("aria-activedescendant", all[at].id);
  else field?.removeAttribute("aria-activedescendant");
}

function chosen(dialog: HTMLDialogElement): number {
  return shown(dialog).findIndex((item) => item.getAttribute("aria-selected") === "true");
}

function items(dialog: HTMLDialogElement): HTMLElement[] {
  return [...dialog.querySelectorAll<HTMLElement>("[data-palette-item]")];
}

function shown(dialog: HTMLDialogElement): HTMLElement[] {
  return items(dialog).filter((item) => !item.hidden);
}
