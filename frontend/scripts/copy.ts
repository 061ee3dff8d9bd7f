// <button data-copy="text"> puts its text, or that of the element it names with data-copy-from, on the clipboard.
import { toast } from "./toasts";

export function startCopy(): void {
  document.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy], [data-copy-from]");
    if (!button) return;
    const from = button.dataset["copyFrom"];
    const text = from ? document.querySelector(from)?.textContent?.trim() : button.dataset["copy"];
    if (!text) return;
    await navigator.clipboard.writeText(text);
    toast("Copied");
  });
}
