import { lazyScreen } from "@/ui";

export const DeliveriesPage = lazyScreen(async () => (await import("./deliveries-page")).default);
