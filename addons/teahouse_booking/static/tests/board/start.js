import { isHootReady, start } from "@odoo/hoot";

// All test files of the bundle have described their tests by then.
isHootReady.then(() => start());
