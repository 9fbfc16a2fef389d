import { lazyScreen } from "@/ui";

export const CredentialsPage = lazyScreen(async () => (await import("./credentials-page")).default);
