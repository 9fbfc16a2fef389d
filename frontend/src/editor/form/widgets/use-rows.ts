import { useState } from "react";

/**
 * Rows as they are being written: also those that mean nothing yet, and of which the value therefore knows nothing. A
 * value that comes from elsewhere (undo) makes new rows.
 */
export function useRows<Row>(
  value: unknown,
  onChange: (value: unknown) => void,
  read: (value: unknown) => Row[],
  write: (rows: readonly Row[]) => unknown,
) {
  const [seen, setSeen] = useState(value);
  const [rows, setRows] = useState(() => read(value));
  if (seen !== value) {
    setSeen(value);
    setRows(read(value));
  }
  const update = (next: Row[]) => {
    const made = write(next);
    setRows(next);
    setSeen(made);
    onChange(made);
  };
  return {
    rows,
    add: (row: Row) => setRows([...rows, row]),
    set: (index: number, row: Row) => update(rows.with(index, row)),
    remove: (index: number) => update(rows.toSpliced(index, 1)),
  };
}
