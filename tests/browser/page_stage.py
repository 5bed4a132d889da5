"""What tests of pages share: axe, breaches of the policy, languages."""

from pathlib import Path

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
LANGUAGES = ("en", "km", "zh-Hans")
WATCH = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy breach: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
RUN_AXE = """axe.run(document, {resultTypes: ["violations"]}).then((found) =>
  JSON.stringify(found.violations.map((each) => [each.id, each.nodes.map((node) => node.html)])))"""
