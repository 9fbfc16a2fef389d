import { useState } from "react";

import { type DeliveryFilter, useWorkflows } from "@/api";
import { Button, SearchInput, Select, useDebounced } from "@/ui";

import styles from "./deliveries.module.css";
import { OUTCOMES } from "./outcome";

interface DeliveryFiltersProps {
  filter: DeliveryFilter;
  setFilter: (changes: Record<string, string | undefined>) => void;
}

export function DeliveryFilters({ filter, setFilter }: DeliveryFiltersProps) {
  const [text, setText] = useState(filter.search ?? "");
  useDebounced(text, (search) => setFilter({ search: search.trim() || undefined }));
  const { data } = useWorkflows({});
  const workflows = data?.pages.flatMap((page) => page.results) ?? [];
  const listed = workflows.some((workflow) => workflow.id === filter.workflow);
  return (
    <div role="search" aria-label="Filter the deliveries" className={styles.filters}>
      <SearchInput
        aria-label="Search"
        placeholder="Path, id, address or code"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Select
        aria-label="Workflow"
        value={filter.workflow ?? ""}
        onChange={(event) => setFilter({ workflow: event.target.value })}
      >
        <option value="">All workflows</option>
        {filter.workflow && !listed && <option value={filter.workflow}>{filter.workflow}</option>}
        {workflows.map((workflow) => (
          <option key={workflow.id} value={workflow.id}>
            {workflow.name}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Outcome"
        value={filter.outcome ?? ""}
        onChange={(event) => setFilter({ outcome: event.target.value })}
      >
        <option value="">Any outcome</option>
        {Object.entries(OUTCOMES).map(([outcome, { word }]) => (
          <option key={outcome} value={outcome}>
            {word}
          </option>
        ))}
      </Select>
      {Object.keys(filter).length > 0 && (
        <Button
          look="quiet"
          onClick={() => {
            setText("");
            setFilter({ search: undefined, workflow: undefined, outcome: undefined });
          }}
        >
          Clear
        </Button>
      )}
    </div>
  );
}
