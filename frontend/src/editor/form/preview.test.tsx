import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";

import { NOTHING_KNOWN } from "./completing";
import { Preview } from "./preview";
import { HelpContext, Previews } from "./previews";

const fault = { message: "The name totl is unknown.", position: { offset: 3 } };

/** The server tells the place in the text it was asked about, which for these has braces before it. */
it.each([
  { text: "totl", bare: true, place: "(character 1)" },
  { text: "{{ totl }}", bare: false, place: "(character 4)" },
])("counts the place of a fault in $text from its own beginning", async ({ text, bare, place }) => {
  const previews = new Previews((settings) =>
    Promise.resolve(Object.fromEntries(Object.keys(settings).map((id) => [id, { error: fault }])) as never),
  );
  render(
    <HelpContext value={{ previews, known: () => NOTHING_KNOWN }}>
      <Preview id="field" value={text} bare={bare} />
    </HelpContext>,
  );
  expect(await screen.findByText(place)).toBeTruthy();
  previews.stop();
});
