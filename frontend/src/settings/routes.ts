import { lazyScreen } from "@/ui";

export const SettingsPage = lazyScreen(async () => (await import("./settings-page")).default);
