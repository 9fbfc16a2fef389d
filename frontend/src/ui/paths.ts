/** Every address of the app, so that no screen spells out another's. */
export const paths = {
  home: "/app/workflows",
  signIn: "/app/sign-in",
  workflows: "/app/workflows",
  workflow: (id: string) => `/app/workflows/${encodeURIComponent(id)}`,
  versions: (id: string) => `/app/workflows/${encodeURIComponent(id)}/versions`,
  runs: "/app/runs",
  runsOf: (workflowId: string) => `/app/runs?workflow=${encodeURIComponent(workflowId)}`,
  run: (id: string) => `/app/runs/${encodeURIComponent(id)}`,
  deliveries: "/app/deliveries",
  deliveriesOf: (workflowId: string) => `/app/deliveries?workflow=${encodeURIComponent(workflowId)}`,
  schedule: "/app/schedule",
  missedOf: (workflowId: string) => `/app/schedule?tab=past&workflow=${encodeURIComponent(workflowId)}`,
  credentials: "/app/credentials",
  settings: "/app/settings",
  apiReference: "/api/v1/docs",
};
