// Runs before the first paint and before the app's own code is here. A file and not an inline script: the content
// security policy allows no inline code.

// A chosen theme never flashes in the other colours.
function applyTheme() {
  const theme = localStorage.getItem("penstock.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}

// What the screen at this address will read first is asked for at once; src/api/early.ts takes the answers.
function readAhead() {
  const project = localStorage.getItem("penstock.project");
  const headers = project ? { "X-Penstock-Project": project } : {};
  const read = (path) => fetch(`/api/v1/${path}`, { headers });
  const session = read("session");
  const signedIn = session.then((answer) => answer.clone().json()).then(({ user }) => user !== null);
  const afterwards = (path) => signedIn.then((yes) => (yes ? read(path) : undefined));
  const answers = { "/api/v1/session": session };
  const workflow = /^\/app\/workflows\/(\w+)$/.exec(location.pathname)?.[1];
  if (workflow) {
    for (const path of ["components", `workflows/${workflow}`]) answers[`/api/v1/${path}`] = afterwards(path);
    preloadEditor();
  }
  // Whoever takes a failed one asks again, and then tells what is wrong.
  for (const [path, answer] of Object.entries(answers)) answers[path] = answer.catch(() => undefined);
  window.penstockEarly = { project, answers };
}

// The files are named in the page by the build (vite.config.ts).
function preloadEditor() {
  const files = document.querySelector('meta[name="editor-files"]')?.content ?? "";
  for (const href of files.split(" ").filter(Boolean)) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = href;
    document.head.append(link);
  }
}

try {
  applyTheme();
  readAhead();
} catch {
  // Storage may be closed to us; the theme of the system is right then, and the app reads what it needs itself.
}
