"""Generates the modules. With `--check` it only compares them with what is there."""

import subprocess
import sys
from pathlib import Path

from . import events, models, params, resources
from .operations import methods
from .schema import Document, Inputs

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "leadhouse"
DOCUMENTS = ROOT.parents[1] / "openapi"
# Modules and their classes that add to a resource.
EXTENDED = {"native": {"evidence": "_uploads.EvidenceUploads", "event_log": "_event_log.EventLogIteration"}}


def generate() -> dict[Path, str]:
    """Returns the text of each module."""
    files: dict[Path, str] = {}
    for folder, title in [("native", "native"), ("revenue_defenders", "RevenueDefenders")]:
        document = Document(DOCUMENTS / f"{folder.replace('_', '-')}.json")
        inputs = Inputs(document)
        found = methods(document, inputs)
        target = PACKAGE / folder
        extended = EXTENDED.get(folder, {})
        files[target / "events.py"] = events.write(document, title)
        files[target / "params.py"] = params.write(inputs, title)
        files[target / "resources.py"] = resources.write(found, title, inputs.aliases)
        files[target / "operations.py"] = resources.write_root(found, title, extended)
        files[target / "models.py"] = models.write(document, title)
    for folder, title in [("lead_rescue", "LeadRescue"), ("vendor_pad", "VendorPad")]:
        document = Document(DOCUMENTS / f"{folder.replace('_', '-')}.json")
        files[PACKAGE / folder / "events.py"] = events.write(document, title)
        files[PACKAGE / folder / "models.py"] = models.write(document, title, sorted(document.used))
    return {path: formatted(text, path) for path, text in files.items()}


def formatted(text: str, path: Path) -> str:
    """Returns the module as ruff formats it, without the imports that it does not use."""
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(ROOT / "pyproject.toml"), "--stdin-filename", str(path)]
    for command in (["check", "--fix", "--select", "F401,I", "--exit-zero", "--quiet"], ["format", "--quiet"]):
        text = subprocess.run(
            [*ruff, *command, *config, "-"], input=text, capture_output=True, text=True, check=True
        ).stdout
    return text


def main() -> int:
    """Writes the modules, or reports those that differ."""
    files = generate()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run sdk/python/generate", file=sys.stderr)
        return 1 if stale else 0
    for path, text in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
