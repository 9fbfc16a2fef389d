import { useEffect } from "react";

import { statusName, type StatusName } from "./status-words";

/** The icon of a tab knows no custom properties; these are readable on light and dark tab bars alike. */
const COLORS: Record<StatusName, string> = {
  pending: "#7385a0",
  running: "#2f80e4",
  waiting: "#c98a26",
  suspended: "#c98a26",
  completed: "#2c9a58",
  failed: "#d9463a",
  terminated: "#8c5ed3",
  skipped: "#7c8583",
  interrupted: "#c98a26",
};

const SHAPES: Record<StatusName, string> = {
  pending: "<circle cx='8' cy='8' r='5.500' fill='none' stroke='C' stroke-width='2.500'/>",
  running: "<path d='M8 2a6 6 0 1 1-6 6' fill='none' stroke='C' stroke-width='3'/>",
  waiting:
    "<circle cx='8' cy='8' r='7' fill='C'/><path d='M8 4v4l3 2' fill='none' stroke='#fff' stroke-width='2'/>",
  suspended: "<path d='M5 2v12M11 2v12' stroke='C' stroke-width='4'/>",
  completed:
    "<circle cx='8' cy='8' r='7' fill='C'/><path d='m4.500 8 2.500 2.500 4.500-5' fill='none' stroke='#fff' stroke-width='2'/>",
  failed:
    "<path d='M5 1h6l4 4v6l-4 4H5l-4-4V5z' fill='C'/><path d='m5 5 6 6m0-6-6 6' stroke='#fff' stroke-width='2'/>",
  terminated: "<rect x='2' y='2' width='12' height='12' rx='2' fill='C'/>",
  skipped: "<circle cx='8' cy='8' r='5.500' fill='none' stroke='C' stroke-width='2' stroke-dasharray='3 3'/>",
  interrupted: "<path d='M8 1 15 14H1z' fill='C'/>",
};

/** The browser tab shows the state of the run it holds, for as long as it does. */
export function useStatusFavicon(status: string | undefined) {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (!link || !status) return;
    const usual = link.href;
    const name = statusName(status);
    const shape = SHAPES[name].replaceAll("'C'", `'${COLORS[name]}'`);
    const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>${shape}</svg>`;
    link.href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    return () => {
      link.href = usual;
    };
  }, [status]);
}
