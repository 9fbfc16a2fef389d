import { type ComponentProps, type KeyboardEvent, use, useRef, useState } from "react";
import { createPortal, flushSync } from "react-dom";

import { Input } from "@/ui";

import { type Suggestion, type Suggestions, suggestionsAt } from "../completing";
import { Preview, Underline, useFault, useScrolled } from "../preview";
import styles from "../preview.module.css";
import { HelpContext } from "../previews";

interface TemplateInputProps extends Omit<ComponentProps<"input">, "onChange" | "value" | "id"> {
  id: string;
  value: string;
  onChange: (text: string) => void;
}

const MOST = 50;

/** One line of text into which `{{ … }}` may be written: completed while typing, and worked out below. */
export function TemplateInput({ value, onChange, id, ...rest }: TemplateInputProps) {
  const { known } = use(HelpContext);
  const field = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState<(Suggestions & { at: DOMRect }) | null>(null);
  const [active, setActive] = useState(0);
  const fault = useFault(id, value);
  const { scrolled, onScroll } = useScrolled();

  const look = (text: string, caret: number) => {
    const found = suggestionsAt(text, caret, "template", known());
    const worth = found && found.options.length > 0 && !isAll(found, text, caret);
    setActive(0);
    const options = found?.options.slice(0, MOST) ?? [];
    setOpen(worth ? { from: found.from, options, at: field.current!.getBoundingClientRect() } : null);
  };
  const take = ({ insert }: Suggestion) => {
    const input = field.current!;
    const { from } = open!;
    const next = value.slice(0, from) + insert + value.slice(input.selectionStart ?? value.length);
    // At once, so that what is typed next does not land elsewhere.
    flushSync(() => {
      onChange(next);
      setOpen(null);
    });
    const caret = from + insert.length;
    input.setSelectionRange(caret, caret);
  };
  const press = (event: KeyboardEvent) => {
    if (!open) return;
    const count = open.options.length;
    if (event.key === "ArrowDown") setActive((active + 1) % count);
    else if (event.key === "ArrowUp") setActive((active + count - 1) % count);
    else if (event.key === "Enter") take(open.options[active]!);
    else if (event.key === "Escape") setOpen(null);
    else return;
    event.preventDefault();
  };
  const listId = `${id}-suggestions`;
  return (
    <div className={styles.template}>
      <div className={styles.underlined}>
        <Input
          {...rest}
          onScroll={onScroll}
          ref={field}
          id={id}
          role="combobox"
          aria-expanded={open !== null}
          aria-controls={open ? listId : undefined}
          aria-activedescendant={open ? `${listId}-${active}` : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => {
            onChange(event.target.value);
            look(event.target.value, event.target.selectionStart ?? 0);
          }}
          onKeyDown={press}
          onBlur={() => setOpen(null)}
        />
        {fault && <Underline text={value} fault={fault} scrolled={scrolled} />}
      </div>
      {open && <SuggestionList id={listId} open={open} active={active} onTake={take} />}
      <Preview id={id} value={value} />
    </div>
  );
}

/** Nothing is left to suggest when the one thing that fits stands there already. */
function isAll({ options, from }: Suggestions, text: string, caret: number): boolean {
  return options.length === 1 && text.slice(from, caret) === options[0]!.insert;
}

interface SuggestionListProps {
  id: string;
  open: Suggestions & { at: DOMRect };
  active: number;
  onTake: (suggestion: Suggestion) => void;
}

function SuggestionList({ id, open, active, onTake }: SuggestionListProps) {
  const { at, options } = open;
  return createPortal(
    <ul
      id={id}
      role="listbox"
      aria-label="Suggestions"
      className={styles.suggestions}
      style={{ left: at.left, top: at.bottom + 2, minWidth: Math.max(at.width, 260) }}
    >
      {options.map((option, index) => (
        <li
          key={option.insert}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          ref={index === active ? (row) => row?.scrollIntoView({ block: "nearest" }) : undefined}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(option)}
        >
          {option.label} <small>{option.detail}</small>
        </li>
      ))}
    </ul>,
    document.body,
  );
}
