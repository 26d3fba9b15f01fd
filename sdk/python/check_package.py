"""Checks what the wheel and the source distribution in a folder contain."""

import json
import re
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def modules() -> set[str]:
    """Returns the files that the package must have."""
    files = (ROOT / "src" / "leadhouse").rglob("*")
    return {
        path.relative_to(ROOT / "src").as_posix() for path in files if path.suffix == ".py" or path.name == "py.typed"
    }


def check(condition: object, message: str) -> None:
    """Ends the process if a condition does not hold."""
    if not condition:
        sys.exit(f"package: {message}")


def check_api_version(changelog: str) -> None:
    """Checks that the texts name the version of the API that the package was generated from."""
    document = json.loads((ROOT.parents[1] / "openapi" / "native.json").read_text(encoding="utf-8"))
    major, minor, _ = document["info"]["version"].split(".")
    newest = changelog.split("\n## ")[1]
    check(f"version {major}.{minor} of the Leadhouse API" in newest, f"CHANGELOG.md does not name API {major}.{minor}")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    check(f"every {major}.x version of the\nLeadhouse API" in readme, f"README.md does not name API {major}.x")


def main(folder: Path) -> None:
    """Checks the two distributions of a folder."""
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    version = re.findall(r'"([\d.]+)"', (ROOT / "src/leadhouse/_version.py").read_text(encoding="utf-8"))[0]
    check(wheel.name == f"leadhouse-{version}-py3-none-any.whl", f"the wheel is called {wheel.name}")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    check(f"## {version}\n" in changelog, f"CHANGELOG.md has no entry for {version}")
    check_api_version(changelog)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        information = f"leadhouse-{version}.dist-info"
        metadata = Parser().parsestr(archive.read(f"{information}/METADATA").decode())
    packed = {name for name in names if not name.startswith(information)}
    check(packed == modules(), f"the wheel differs from src: {sorted(packed ^ modules())}")
    licenses = {f"{information}/licenses/LICENSE-{name}" for name in ("MIT", "APACHE")}
    check(licenses <= names, "the wheel lacks the licences")
    check(metadata["License-Expression"] == "MIT OR Apache-2.0", "the metadata has no licence")
    check(metadata["Requires-Python"] == ">=3.10", "the metadata has another version of Python")
    dependencies = [line.split(">")[0].split("<")[0] for line in metadata.get_all("Requires-Dist", [])]
    check(sorted(dependencies) == ["anyio", "httpx"], f"the dependencies are {dependencies}")
    with tarfile.open(source) as archive:
        files = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    required = {f"src/{name}" for name in modules()} | {"README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"}
    check(required <= files, f"the source distribution lacks {sorted(required - files)}")
    unexpected = [name for name in files if "tests" in name or "codegen" in name or name.endswith(".pyc")]
    check(not unexpected, f"the source distribution has {unexpected}")
    for path in (wheel, source):
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
