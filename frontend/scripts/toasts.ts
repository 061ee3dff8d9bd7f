// Toasts come from the server and leave by themselves; here they are only taken out of the page when they have gone.
// A script's own ("Copied") is made from <template id="toast-template">.

export function startToasts(): void {
  document.addEventListener("animationend", (event) => {
    const toast = event.target as Element;
    if (toast.matches(".toasts > .toast") && event.animationName.startsWith("toast")) toast.remove();
  });
  document.addEventListener("click", (event) => {
    (event.target as Element).closest("[data-toast-close]")?.closest(".toast")?.remove();
  });
}

export function toast(words: string): void {
  const template = document.querySelector<HTMLTemplateElement>("#toast-template");
  const made = template?.content.firstElementChild?.cloneNode(true) as Element | undefined;
  if (!made) return;
  made.querySelector("[data-toast-words]")?.replaceChildren(words);
  document.querySelector("#toasts")?.append(made);
}
