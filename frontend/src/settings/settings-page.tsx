import { Page } from "@/ui";

import { Account } from "./account";
import { ApiKeys } from "./api-keys";
import { Appearance } from "./appearance";
import { Housekeeping } from "./housekeeping";
import { Projects } from "./projects";
import { Workers } from "./workers";

export default function SettingsPage() {
  return (
    <Page title="Settings" narrow>
      <ApiKeys />
      <Account />
      <Projects />
      <Appearance />
      <Housekeeping />
      <Workers />
    </Page>
  );
}
