/** Starts the page. */
import { createRoot } from "react-dom/client";

import { App } from "./App";
import { Fallback } from "./Fallback";
import { addressOf, placeOf } from "./here";
import "./style/base.css";
import "./style/layout.css";
import "./style/message.css";
import "./style/blocks.css";
import "./style/controls.css";
import "./style/panels.css";
import "./style/phone.css";
import { connect } from "./workspace";

const linked = placeOf(window.location.href);
if (linked) window.history.replaceState(null, "", `./${addressOf(linked)}`);
connect();
createRoot(document.getElementById("root")!).render(<Fallback what="the page"><App /></Fallback>);
