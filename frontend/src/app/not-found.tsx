import { EmptyState, LinkButton, paths, useTitle } from "@/ui";

export function NotFound() {
  useTitle("Not found");
  return (
    <EmptyState
      whole
      title="There is no page at this address"
      actions={
        <LinkButton look="primary" to={paths.home}>
          Go to the workflows
        </LinkButton>
      }
    >
      The link may be old or mistyped. Workflows, runs and settings are in the bar on the left.
    </EmptyState>
  );
}
