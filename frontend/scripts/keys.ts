// Keys everywhere. Single keys can be turned off in Appearance (<html data-keys="off">); ⌘K and Esc stay.
//
// Any link or button may carry data-key="e": it is pressed by that key. data-go="c" is reached by g, then c.
import { keep } from "./cookie";
import { closeMenu } from "./dialogs";
import { closeDrawer, walkRows } from "./drawer";
import { openPalette } from "./palette";
import { tickRow } from "./ticks";

const GO_WITHIN = 1_200;

let going = 0;

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (pressed(event)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-sidebar-toggle]")) toggleSidebar();
    const keys = (event.target as Element).closest<HTMLInputElement>("[data-keys-choice]");
    if (keys) {
      document.documentElement.dataset["keys"] = keys.checked ? "on" : "off";
      keep("keys", keys.checked ? "" : "off");
    }
  });
}

/** Whether the key meant something here. */
function pressed(event: KeyboardEvent): boolean {
  const command = event.metaKey || event.ctrlKey;
  if (command && event.key.toLowerCase() === "k") {
    openPalette();
    return true;
  }
  if (command && event.key === "Enter") return press(`[data-key="mod+enter"]`);
  // An open dialog closes itself.
  if (event.key === "Escape") return !document.querySelector("dialog[open]") && (closeMenu() || closeDrawer());
  if (command || event.altKey || document.querySelector("dialog[open]")) return false;
  if (document.documentElement.dataset["keys"] === "off" || writes(event.target as Element)) return false;
  return single(event.key);
}

function single(key: string): boolean {
  if (Date.now() - going < GO_WITHIN) {
    going = 0;
    if (/^[a-z]$/.test(key)) return press(`[data-go="${key}"]`);
  }
  switch (key) {
    case "g":
      going = Date.now();
      return true;
    case "?":
      document.querySelector<HTMLDialogElement>("#keys")?.showModal();
      return true;
    case "/":
      return focus("[data-search]") || (openPalette(), true);
    case "[":
      toggleSidebar();
      return true;
    case "j":
      return walkRows(1);
    case "k":
      return walkRows(-1);
    case "x":
      return tickRow();
    default:
      return /^[a-z]$/.test(key) && press(`[data-key="${key}"]`);
  }
}

function press(selector: string): boolean {
  const all = [...document.querySelectorAll<HTMLElement>(selector)];
  const target = all.find((one) => one.checkVisibility()) ?? all[0];
  if (!target || target.matches(":disabled, [aria-disabled=true]")) return false;
  target.click();
  return true;
}

function focus(selector: string): boolean {
  const field = document.querySelector<HTMLInputElement>(selector);
  field?.focus();
  field?.select();
  return Boolean(field);
}

function writes(target: Element): boolean {
  return target.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, [contenteditable]");
}

function toggleSidebar(): void {
  const root = document.documentElement;
  const rail = root.dataset["sidebar"] !== "rail";
  root.dataset["sidebar"] = rail ? "rail" : "";
  keep("sidebar", rail ? "rail" : "");
  for (const one of document.querySelectorAll("[data-sidebar-toggle]")) one.setAttribute("aria-expanded", String(!rail));
}
