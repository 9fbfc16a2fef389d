/** A value as a readable file, which ends as files in git do. */
export function downloadJson(name: string, value: unknown) {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
