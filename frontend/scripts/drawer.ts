// The drawer beside a page: it gets the focus when it opens and gives it back to its row; J and K walk the rows.
//
// <a data-drawer href="/contacts/7"> opens it: the answer to the same address, asked for as a fragment, goes into #drawer,
// and the address bar follows. [data-drawer-close] is the link that leads back to the page without it; where the drawer
// was opened from a page, that page's own address comes back, with its filter.
import htmx from "./htmx";

let opener: string | undefined;
let before: string | undefined;
let wanted: string | undefined;
let shown = "";

export function startDrawer(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const link = target.closest<HTMLAnchorElement>("a[data-drawer]");
    if (link?.closest("tr, #drawer") && panel() && plain(event)) {
      event.preventDefault();
      open(link);
      return;
    }
    const close = target.closest<HTMLAnchorElement>("[data-drawer-close]");
    if (close && before !== undefined && plain(event)) {
      event.preventDefault();
      closeDrawer();
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const drawer = panel();
    if ((event as CustomEvent).detail?.target !== drawer || !drawer?.childElementCount) return;
    if (wanted !== undefined) go(wanted);
    wanted = undefined;
    drawer.focus({ preventScroll: true });
    for (const row of document.querySelectorAll("tr[aria-current]")) row.removeAttribute("aria-current");
    link()?.closest("tr")?.setAttribute("aria-current", "true");
  });
  // Going back through what was opened: the server knows what stood there.
  addEventListener("popstate", () => shown && here() !== shown && location.reload());
}

/** Close the drawer and put the focus back on its row; whether it was open. */
export function closeDrawer(): boolean {
  const drawer = panel();
  if (!drawer?.childElementCount) return false;
  const close = drawer.querySelector<HTMLAnchorElement>("a[data-drawer-close]");
  if (before === undefined) {
    if (close) location.assign(close.href);
    return Boolean(close);
  }
  go(before);
  before = undefined;
  drawer.replaceChildren();
  const row = link();
  row?.closest("tr")?.removeAttribute("aria-current");
  row?.focus();
  return true;
}

/** Open the row before (-1) or after (1) the open one, or move to it where no drawer is open; whether there was one. */
export function walkRows(step: 1 | -1): boolean {
  const links = rows();
  if (!links.length) return false;
  const now = links.indexOf((document.activeElement?.closest("tr")?.querySelector("a[data-drawer]") ?? link()) as HTMLAnchorElement);
  const next = links[now < 0 ? (step > 0 ? 0 : links.length - 1) : now + step];
  if (!next) return false;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  if (panel()?.childElementCount) next.click();
  return true;
}

function open(link: HTMLAnchorElement): void {
  opener = link.getAttribute("href") ?? undefined;
  before ??= location.href;
  wanted = link.href;
  void htmx.ajax("get", link.href, { source: link, target: "#drawer" });
}

function go(url: string): void {
  history.pushState({ drawer: true }, "", url);
  shown = here();
}

function here(): string {
  return location.pathname + location.search;
}

/** A press that is not meant for another tab or window. */
function plain(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

function link(): HTMLAnchorElement | undefined {
  return rows().find((one) => one.getAttribute("href") === opener) ?? rows().find((one) => one.closest("tr[aria-current]"));
}

function rows(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("tr a[data-drawer]")];
}

function panel(): HTMLElement | null {
  return document.querySelector("#drawer");
}
