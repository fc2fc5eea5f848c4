import { render } from "preact";

import { App } from "./app";
import { ClockProvider } from "./state/clock";
import { RouterProvider } from "./state/router";
import { SettingsProvider } from "./state/settings";
import "./style/base.css";
import "./style/page.css";
import "./style/parts.css";
import "./style/trace.css";

const root = document.getElementById("app");
if (root !== null) {
  render(
    <SettingsProvider>
      <RouterProvider>
        <ClockProvider>
          <App />
        </ClockProvider>
      </RouterProvider>
    </SettingsProvider>,
    root,
  );
}
