/** Text as the catalogue writes it: what stands between backticks is code. */
export function InlineCode({ text }: { text: string }) {
  return text.split("`").map((piece, place) => (place % 2 === 1 ? <code key={place}>{piece}</code> : piece));
}
