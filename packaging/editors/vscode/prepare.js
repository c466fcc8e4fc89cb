// Before packaging: what the extension shares with the rest of the project.
const fs = require("fs");
const path = require("path");
const top = path.join(__dirname, "../../..");
fs.copyFileSync(path.join(top, "LICENSE"), path.join(__dirname, "LICENSE.txt"));
fs.copyFileSync(path.join(top, "docs/schemas/dextctl.config-1.schema.json"), path.join(__dirname, "dextctl.config-1.schema.json"));
