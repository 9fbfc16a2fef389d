import { CircleAlert } from "lucide-react";
import { useState } from "react";

import { Button } from "@/ui";

import { useEditorState } from "../editor";
import { ProblemList } from "../problems/problem-list";
import { Popover } from "./popover";

export function ProblemsButton() {
  const problems = useEditorState((state) => state.problems);
  const [open, setOpen] = useState(false);
  if (problems.length === 0) return null;
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label="Problems"
      trigger={
        <Button look="quiet" icon={CircleAlert}>
          {problems.length === 1 ? "1 problem" : `${problems.length} problems`}
        </Button>
      }
    >
      <h2>Problems</h2>
      <ProblemList problems={problems} onGo={() => setOpen(false)} />
    </Popover>
  );
}
