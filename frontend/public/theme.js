// Runs before the first paint, so that a chosen theme never flashes in the other colours.
// A file and not an inline script: the content security policy allows no inline code.
try {
  const theme = localStorage.getItem("penstock.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be closed to us; the theme of the system is right then.
}
