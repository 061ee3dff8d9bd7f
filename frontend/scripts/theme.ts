// Day, night, or as the device has it. [data-theme-choice="day|night|system"] chooses; the server reads the cookie.
import { keep } from "./cookie";

export type Theme = "day" | "night" | "system";

export function startTheme(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-theme-choice]");
    if (!button) return;
    const order: Theme[] = ["system", "day", "night"];
    const wanted = button.dataset["themeChoice"] as Theme | "next";
    choose(wanted === "next" ? order[(order.indexOf(current()) + 1) % order.length]! : wanted);
  });
  // What colours are computed from, charts for one, follows the device too.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", said);
  mark();
}

export function choose(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  localStorage.setItem("theme", theme);
  keep("theme", theme === "system" ? "" : theme);
  mark();
  said();
}

function current(): Theme {
  return (document.documentElement.dataset["theme"] ?? "system") as Theme;
}

function mark(): void {
  for (const one of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    if (one.dataset["themeChoice"] === "next") one.querySelector("[data-theme-word]")?.replaceChildren(current());
    else one.setAttribute("aria-pressed", String(one.dataset["themeChoice"] === current()));
  }
}

function said(): void {
  document.dispatchEvent(new CustomEvent("theme:changed"));
}
