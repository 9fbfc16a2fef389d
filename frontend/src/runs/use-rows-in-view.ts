import { type RefObject, useLayoutEffect, useState } from "react";

/** Rows drawn above and below what is seen, so that scrolling finds them there. */
const MARGIN = 20;
const STEP = 10;

export interface RowsInView {
  /** The first and one past the last row to be drawn. */
  from: number;
  to: number;
  /** Of one row, in pixels: what stands in for the others. */
  height: number;
}

/** Of many rows of one height those that are seen, in the next element around `body` that scrolls. */
export function useRowsInView(body: RefObject<HTMLElement | null>, count: number): RowsInView {
  const [view, setView] = useState<RowsInView>({ from: 0, to: 3 * MARGIN, height: 30 });
  useLayoutEffect(() => {
    const scroller = scrollerOf(body.current);
    const look = () => {
      const rows = body.current;
      if (rows) setView((before) => rowsSeen(rows, scroller, before));
    };
    look();
    scroller.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    return () => {
      scroller.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, [body, count]);
  const to = Math.min(count, view.to);
  return { ...view, to, from: Math.max(0, Math.min(view.from, to - 1)) };
}

/** The same object comes back while the rows are the same. */
function rowsSeen(body: HTMLElement, scroller: HTMLElement, before: RowsInView): RowsInView {
  const height = body.querySelector<HTMLElement>("tr:not([aria-hidden])")?.offsetHeight || before.height;
  const above = scroller.getBoundingClientRect().top - body.getBoundingClientRect().top;
  const first = Math.floor(above / height / STEP) * STEP;
  const from = Math.max(0, first - MARGIN);
  const to = Math.max(0, first) + Math.ceil(scroller.clientHeight / height / STEP) * STEP + MARGIN + STEP;
  const same = from === before.from && to === before.to && height === before.height;
  return same ? before : { from, to, height };
}

function scrollerOf(element: HTMLElement | null): HTMLElement {
  for (let around = element?.parentElement; around; around = around.parentElement)
    if (/auto|scroll/.test(getComputedStyle(around).overflowY)) return around;
  return document.documentElement;
}
