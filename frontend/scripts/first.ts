// Runs before the page is drawn, so that nothing jumps: it says that there are scripts. All else waits for app.ts.
document.documentElement.classList.add("scripted");
