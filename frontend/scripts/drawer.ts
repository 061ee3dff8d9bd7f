// The drawer beside a page: it gets the focus when it opens and gives it back to its row; J and K walk the rows.
//
// <a data-drawer href="/contacts/7" hx-get=… hx-target="#drawer" hx-push-url="true"> opens it, [data-drawer-close] is the
// link that leads back to the page without it. Where a page came with its drawer open, closing follows that link.

let opener: string | undefined;

export function startDrawer(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const link = target.closest<HTMLAnchorElement>("a[data-drawer]");
    if (link) opener = link.getAttribute("href") ?? undefined;
    const close = target.closest<HTMLAnchorElement>("[data-drawer-close]");
    if (close && opener !== undefined) {
      event.preventDefault();
      closeDrawer();
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const drawer = panel();
    if ((event as CustomEvent).detail?.target !== drawer || !drawer?.childElementCount) return;
    drawer.focus({ preventScroll: true });
    for (const row of document.querySelectorAll("tr[aria-current]")) row.removeAttribute("aria-current");
    link()?.closest("tr")?.setAttribute("aria-current", "true");
  });
}

/** Close the drawer and put the focus back on its row; whether it was open. */
export function closeDrawer(): boolean {
  const drawer = panel();
  if (!drawer?.childElementCount) return false;
  const close = drawer.querySelector<HTMLAnchorElement>("a[data-drawer-close]");
  if (opener === undefined && close) {
    location.assign(close.href);
    return true;
  }
  if (close) history.pushState({ htmx: true }, "", close.href);
  drawer.replaceChildren();
  const row = link();
  row?.closest("tr")?.removeAttribute("aria-current");
  row?.focus();
  return true;
}

/** Open the row before (-1) or after (1) the open one, or move to it where no drawer is open; whether there was one. */
export function walkRows(step: 1 | -1): boolean {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("a[data-drawer]")];
  if (!links.length) return false;
  const now = links.indexOf((document.activeElement?.closest("tr")?.querySelector("a[data-drawer]") ?? link()) as HTMLAnchorElement);
  const next = links[now < 0 ? (step > 0 ? 0 : links.length - 1) : now + step];
  if (!next) return false;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  if (panel()?.childElementCount) next.click();
  return true;
}

function link(): HTMLAnchorElement | undefined {
  const links = document.querySelectorAll<HTMLAnchorElement>("a[data-drawer]");
  return [...links].find((one) => one.getAttribute("href") === opener) ?? [...links].find((one) => one.closest("tr[aria-current]"));
}

function panel(): HTMLElement | null {
  return document.querySelector("#drawer");
}
