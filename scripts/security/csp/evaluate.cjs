// Reads a Content-Security-Policy on standard input, prints csp_evaluator's findings as JSON.
const { CspEvaluator } = require("csp_evaluator");
const { CspParser } = require("csp_evaluator/dist/parser.js");

const text = require("fs").readFileSync(0, "utf8");
const findings = new CspEvaluator(new CspParser(text).csp).evaluate();
console.log(JSON.stringify(findings.map(({ severity, directive, description }) => ({ severity, directive, description }))));
