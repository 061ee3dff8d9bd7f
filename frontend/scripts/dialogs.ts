// Native dialogs, and menus: <details class="menu-host"> or any with data-menu closes by itself. data-opens="#dialog" opens one, data-closes closes the one it stands in.
// A dialog with data-types="1,164" keeps its submit button off until exactly that has been typed.

const MENUS = "details.menu-host, details[data-menu]";

export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) {
      const dialog = document.querySelector<HTMLDialogElement>(opener.dataset["opens"]!);
      if (dialog && !dialog.open) {
        event.preventDefault();
        dialog.showModal();
      }
    }
    if (target.closest("[data-closes]")) target.closest("dialog")?.close();
    // A press beside a dialog is one on its backdrop.
    if (target instanceof HTMLDialogElement && target.matches("[data-light]")) target.close();
    for (const menu of openMenus()) if (!menu.contains(target) || target.closest(".menu a, [data-menu-close]")) menu.open = false;
  });
  document.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    const wanted = field.closest<HTMLElement>("[data-types]")?.dataset["types"];
    if (wanted === undefined || !field.matches("[data-typed]")) return;
    const button = field.form?.querySelector<HTMLButtonElement>("[data-when-typed]");
    const plain = (text: string) => text.replaceAll(/[\s,.\u202f\u00a0]/g, "").toLowerCase();
    if (button) button.disabled = plain(field.value) !== plain(wanted);
  });
  document.addEventListener("focusout", (event) => {
    const menu = (event.target as Element).closest<HTMLDetailsElement>(MENUS);
    const next = event.relatedTarget as Node | null;
    if (menu?.open && next && !menu.contains(next)) menu.open = false;
  });
}

/** Close the innermost thing that floats; whether there was one. */
export function closeMenu(): boolean {
  const [menu] = openMenus();
  if (!menu) return false;
  menu.open = false;
  menu.querySelector("summary")?.focus();
  return true;
}

function openMenus(): HTMLDetailsElement[] {
  return [...document.querySelectorAll<HTMLDetailsElement>(`:is(${MENUS})[open]`)];
}
