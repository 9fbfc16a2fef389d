import { Search } from "lucide-react";
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";

import type { XY } from "@/canvas/graph";

import styles from "./choosing.module.css";
import { type Choice, found } from "./search";

interface ChoiceListProps {
  label: string;
  placeholder: string;
  empty: string;
  choices: readonly Choice[];
  icon?: (choice: Choice) => ReactNode;
  at: XY;
  onChoose: (choice: Choice) => void;
  onClose: () => void;
  /** Makes a choice something that can be dragged onto the canvas. */
  dragType?: string;
}

const MARGIN = 8;
const SIZE = { width: 340, height: 420 };

/** A searched list at a point of the screen: type, go up and down, Enter. */
export function ChoiceList(props: ChoiceListProps) {
  const { label, placeholder, empty, choices, icon, at, onChoose, onClose, dragType } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const shown = useMemo(() => found(choices, query), [choices, query]);
  const active = shown[Math.min(place, shown.length - 1)];
  const optionId = (choice: Choice) => `${id}-${choice.id}`;

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) onClose();
    };
    window.addEventListener("pointerdown", outside, true);
    return () => window.removeEventListener("pointerdown", outside, true);
  }, [onClose]);

  useEffect(() => {
    box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const press = (key: string): boolean => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[key];
    if (step !== undefined)
      setPlace(wrapped(Math.min(place, shown.length - 1) + step, shown.length, Math.abs(step) === 1));
    else if (key === "Enter" && active) onChoose(active);
    else if (key === "Escape" || key === "Tab") onClose();
    else return false;
    return true;
  };

  return (
    <div
      ref={box}
      className={styles.box}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      style={{
        left: `clamp(${MARGIN}px, ${at.x}px, calc(100vw - ${SIZE.width + MARGIN}px))`,
        top: `clamp(${MARGIN}px, ${at.y}px, max(${MARGIN}px, calc(100vh - ${SIZE.height + MARGIN}px)))`,
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (press(event.key)) event.preventDefault();
      }}
    >
      <div className={styles.search}>
        <Search size={15} aria-hidden />
        <input
          autoFocus
          role="combobox"
          aria-label={label}
          aria-expanded
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={active && optionId(active)}
          placeholder={placeholder}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setPlace(0);
          }}
        />
      </div>
      <div className={styles.list} role="listbox" id={`${id}-list`} aria-label={label}>
        {shown.map((choice, index) => (
          <div key={choice.id} role="presentation">
            {choice.group && choice.group !== shown[index - 1]?.group && (
              <div className={styles.group} role="presentation">
                {choice.group}
              </div>
            )}
            <div
              id={optionId(choice)}
              role="option"
              className={styles.option}
              aria-selected={choice === active}
              draggable={dragType !== undefined}
              onDragStart={(event) => dragType && event.dataTransfer.setData(dragType, choice.id)}
              onPointerMove={() => choice !== active && setPlace(index)}
              onClick={() => onChoose(choice)}
            >
              {icon?.(choice)}
              <span className={styles.words}>
                <span className={styles.title}>{choice.title}</span>
                {choice.hint && <span className={styles.hint}>{choice.hint}</span>}
              </span>
            </div>
          </div>
        ))}
      </div>
      {shown.length === 0 && <p className={styles.empty}>{empty}</p>}
    </div>
  );
}

function wrapped(index: number, length: number, around: boolean): number {
  if (length === 0) return 0;
  return around ? (index + length) % length : Math.max(0, Math.min(length - 1, index));
}
