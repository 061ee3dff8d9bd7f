// htmx under a strict Content-Security-Policy: no style element, no style attribute, no eval, no inline handlers.
import htmx from "htmx.org";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // pages hold people's data: going back asks the server again
htmx.config.refreshOnHistoryMiss = true;
htmx.config.scrollBehavior = "auto";
htmx.config.attributesToSettle = ["class", "width", "x"];
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true }, // a form that comes back with its errors
  { code: "[45]..", swap: false, error: true },
];

// Its extensions look for it here.
declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx;

export default htmx;
