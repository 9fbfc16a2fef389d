/** The mark: a pipe that turns a corner, and the valve beside it. */
export function BrandMark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0c5c66" />
      <path d="M8 7v9a5 5 0 0 0 5 5h11" fill="none" stroke="#fff" strokeWidth="4" strokeLinecap="round" />
      <circle cx="24" cy="9.500" r="3" fill="#7fd6d2" />
    </svg>
  );
}

/** Three nodes on a pipe, for pages with nothing to show yet. */
export function FlowFigure() {
  return (
    <svg width="220" height="64" viewBox="0 0 220 64" fill="none" aria-hidden="true">
      <path
        d="M50 20h26a12 12 0 0 1 12 12 12 12 0 0 0 12 12h10M50 20h94"
        stroke="var(--line-strong)"
        strokeWidth="1.500"
      />
      <g fill="var(--raised)" stroke="var(--line-strong)" strokeWidth="1.500">
        <rect x="10" y="8" width="40" height="24" rx="12" />
        <rect x="144" y="8" width="56" height="24" rx="5" />
        <rect x="110" y="34" width="56" height="24" rx="5" strokeDasharray="3 3" />
      </g>
      <circle cx="24" cy="20" r="4" fill="var(--accent)" />
      <path
        d="M32 20h9M153 20h30M119 46h24"
        stroke="var(--line-strong)"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}
