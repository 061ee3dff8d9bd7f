// Small comforts of forms: data-submits sends its form when it changes, [data-reveal] shows a password, and a form is
// not sent twice by two presses.

export function startForms(): void {
  document.addEventListener("change", (event) => {
    const control = (event.target as Element).closest<HTMLInputElement>("[data-submits]");
    control?.form?.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-reveal]");
    const field = button && document.querySelector<HTMLInputElement>(button.dataset["reveal"]!);
    if (!field) return;
    field.type = field.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(field.type === "text"));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[data-upload], [data-again]")) return;
    if (form.dataset["sent"]) event.preventDefault();
    else form.dataset["sent"] = "1";
  });
  // A page kept by the browser for going back, and a form that htmx has had answered, may be sent again.
  addEventListener("pageshow", () => forget(document));
  document.addEventListener("htmx:afterRequest", (event) => forget(event.target as Element));
}

function forget(within: ParentNode): void {
  const own = within instanceof HTMLFormElement ? [within] : [];
  for (const form of [...own, ...within.querySelectorAll<HTMLFormElement>("form[data-sent]")]) delete form.dataset["sent"];
}
