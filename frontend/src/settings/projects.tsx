import { useChooseProject, useProject, useSession } from "@/api";
import { Button, cell, Table } from "@/ui";

import { Section } from "./section";

const COLUMNS = [
  { label: "Name" },
  { label: "Your role", width: "140px" },
  { label: "Time zone", width: "180px" },
  { label: "Actions", hidden: true, width: "140px" },
];

export function Projects() {
  const { data: session } = useSession();
  const current = useProject();
  const choose = useChooseProject();
  return (
    <Section title="Projects" lead="Workflows, runs, credentials and keys belong to one project each.">
      <Table label="Projects" columns={COLUMNS}>
        {session?.projects.map((project) => (
          <tr key={project.id}>
            <td>{project.name}</td>
            <td>{project.role}</td>
            <td>{project.timezone}</td>
            <td>
              {project.id === current?.id ? (
                <span className={cell.faint}>Shown now</span>
              ) : (
                <Button small onClick={() => void choose(project.id)}>
                  Show this one
                </Button>
              )}
            </td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
