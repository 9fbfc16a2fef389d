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
    <svg width="220" height="84" viewBox="0 0 220 84" fill="none" aria-hidden="true">
      <path
        d="M50 22h94M76 22a16 16 0 0 1 16 16v8a16 16 0 0 0 16 16h36"
        stroke="var(--line-strong)"
        strokeWidth="1.500"
      />
      <g fill="var(--raised)" stroke="var(--line-strong)" strokeWidth="1.500">
        <rect x="10" y="10" width="40" height="24" rx="12" />
        <rect x="144" y="10" width="56" height="24" rx="5" />
        <rect x="144" y="50" width="56" height="24" rx="5" strokeDasharray="3 3" />
      </g>
      <circle cx="24" cy="22" r="4" fill="var(--accent)" />
      <path
        d="M32 22h9M153 22h30M153 62h22"
        stroke="var(--line-strong)"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}
