import type { ReactNode } from "react";

import styles from "./status.module.css";
import { statusColor, statusName, type StatusName, statusWord } from "./status-words";

const stroke = {
  fill: "none",
  stroke: "currentColor",
  strokeWidth: 2,
  strokeLinecap: "round",
  strokeLinejoin: "round",
} as const;

/** Filled where work has ended, outlined where it has not; each silhouette differs, so colour may be missing. */
const SHAPES: Record<StatusName, ReactNode> = {
  pending: <circle cx="8" cy="8" r="5.5" {...stroke} />,
  running: (
    <g className={styles.turning}>
      <circle cx="8" cy="8" r="5.5" {...stroke} opacity="0.28" />
      <path d="M8 2.500A5.500 5.500 0 0 1 13.500 8" {...stroke} />
    </g>
  ),
  waiting: (
    <>
      <circle cx="8" cy="8" r="5.500" {...stroke} />
      <path d="M8 5v3.200l2 1.300" {...stroke} strokeWidth={1.6} />
    </>
  ),
  suspended: <path d="M5.500 3.500v9M10.500 3.500v9" {...stroke} strokeWidth={3} />,
  completed: (
    <>
      <circle cx="8" cy="8" r="6.500" fill="currentColor" />
      <path d="m5 8.200 2.100 2.100L11 6" {...stroke} stroke="var(--raised)" />
    </>
  ),
  failed: (
    <>
      <path
        d="M5.300 1.500h5.400l3.800 3.800v5.400l-3.800 3.800H5.300l-3.800-3.800V5.300z"
        fill="currentColor"
      />
      <path d="m5.700 5.700 4.600 4.600m0-4.600-4.600 4.600" {...stroke} stroke="var(--raised)" />
    </>
  ),
  terminated: <rect x="2.500" y="2.500" width="11" height="11" rx="1.500" fill="currentColor" />,
  skipped: <circle cx="8" cy="8" r="5.500" {...stroke} strokeWidth={1.6} strokeDasharray="2.200 3.560" />,
  interrupted: (
    <>
      <path d="M8 1.800 14.600 13.500H1.400z" {...stroke} strokeWidth={1.6} />
      <path d="M8 6.300v3.200M8 11.400v.1" {...stroke} strokeWidth={1.6} />
    </>
  ),
};

export function StatusIcon({ status, size = 14 }: { status: string; size?: number }) {
  return (
    <svg
      className={styles.icon}
      style={{ color: statusColor(status) }}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      data-status={statusName(status)}
    >
      {SHAPES[statusName(status)]}
    </svg>
  );
}

interface StatusProps {
  status: string;
  /** `pill` for a headline, `plain` for rows, `icon` where the word stands nearby or in the accessible name. */
  look?: "plain" | "pill" | "icon";
  size?: number;
}

export function Status({ status, look = "plain", size }: StatusProps) {
  const word = statusWord(status);
  if (look === "icon") {
    return (
      <span className={styles.status} title={word}>
        <StatusIcon status={status} size={size} />
        <span className="visually-hidden">{word}</span>
      </span>
    );
  }
  return (
    <span
      className={`${styles.status} ${look === "pill" ? styles.pill : ""}`}
      style={{
        color: statusColor(status, "ink"),
        background: look === "pill" ? statusColor(status, "wash") : undefined,
      }}
    >
      <StatusIcon status={status} size={size} />
      {word}
    </span>
  );
}
