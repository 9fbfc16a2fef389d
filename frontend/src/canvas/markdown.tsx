import Compiler from "markdown-to-jsx/react";
import type { ReactNode } from "react";

/** Markdown and nothing else: HTML in it is shown as the text that it is, and nothing is fetched from outside. */
export default function Markdown({ text }: { text: string }) {
  return <Compiler options={OPTIONS}>{text}</Compiler>;
}

const OPTIONS = {
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: { a: { component: Link }, img: { component: Picture } },
};

function Link({ href, children }: { href?: string; children?: ReactNode }) {
  const safe = href !== undefined && /^(https?:|mailto:)/i.test(href);
  if (!safe) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="nodrag">
      {children}
    </a>
  );
}

/** A picture would tell its server who looks at this workflow, and when. */
function Picture({ alt }: { alt?: string }) {
  return <span>[{alt || "picture"}]</span>;
}
